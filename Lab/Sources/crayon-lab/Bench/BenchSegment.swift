import Annotation
import ArgumentParser
import AtomicFiles
import CrayonCore
import Foundation
import Imaging
import Layers
import Panoptic
import Pipeline
import Tensors
import Terminal

struct BenchSegment: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract:
      "Time a segmenter on a picture of a given size: a Mask2Former's network, of another kind all that it does.",
    discussion: "Example:\n  crayon bench segment --pipeline untrained --size 384x384")

  @Option(help: "The pipeline whose segmenter is measured.")
  var pipeline = PipelineLibrary.defaultName

  @Option(help: ArgumentHelp("Of the network's own picture.", valueName: "height×width, as 800x1088"))
  var size = Size(height: 384, width: 384)

  @OptionGroup var precision: PrecisionOption
  @OptionGroup var timing: TimingOptions

  func run() throws {
    try ExitStatus.reporting {
      var configuration = try PipelineLibrary.pipeline(pipeline)
      configuration.precision = precision.precision
      let clock = ProcessClock.now
      let segmenter = try Segmenter(configuration).network()
      let load = clock.seconds
      let times =
        if let model = segmenter as? Mask2Former {
          timing.measure { [pixels = Self.pixels(size)] in
            _ = model.predict(pixels)
          }
        } else {
          try timing.measure { [picture = Self.noise(size)] in _ = try segmenter.run(picture) }
        }
      let report = Report(
        pipeline: configuration.name, height: size.height, width: size.width, runs: timing.runs, times: times,
        load: load, peakMegabytes: ProcessMemory.peakMegabytes, threads: Parallel.processors,
        kernels: Bench.kernels(precision.precision))
      if timing.json { return try Console.json(report) }
      let figures = String(
        format: "best %.3f s, median %.3f s, load %.2f s, peak %.0f MB", times.best, times.median, load,
        report.peakMegabytes)
      print(
        "\(report.pipeline) at \(size.defaultValueDescription): \(figures) "
          + "(\(report.threads) threads, \(report.kernels))")
    }
  }

  /// Numbers as a network sees them, [height · width, 3].
  private static func pixels(_ size: Size) -> FeatureMap {
    let values = (0..<size.height * size.width * 3).map { Float(($0 &* 2_654_435_761) & 1023) / 512 - 1 }
    return FeatureMap(
      height: size.height, width: size.width, values: Tensor(values, shape: [size.height * size.width, 3]))
  }

  private static func noise(_ size: Size) -> RGBImage {
    RGBImage(
      width: size.width, height: size.height,
      pixels: (0..<size.height * size.width * 3).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 8) })
  }

  struct Size: ExpressibleByArgument {
    var height: Int
    var width: Int

    init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }

    init?(argument: String) {
      let sides = argument.split(separator: "x").compactMap { Int($0) }
      guard sides.count == 2, sides.allSatisfy({ (32...8192).contains($0) }) else { return nil }
      self.init(height: sides[0], width: sides[1])
    }

    var defaultValueDescription: String { "\(height)x\(width)" }
  }

  private struct Report: Encodable {
    var pipeline: String
    var height: Int
    var width: Int
    var runs: Int
    var times: TimingOptions.Times
    /// In seconds.
    var load: Double
    var peakMegabytes: Double
    var threads: Int
    var kernels: String
  }
}

struct BenchPictures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pictures",
    abstract: "Time decoding pictures, reading their given maps, and writing maps and overlays.",
    discussion:
      "Example:\n  crayon bench pictures Samples --panoptic Samples/panoptic --panoptic-json Samples/panoptic.json"
  )

  @Argument(help: "A folder of pictures.", completion: .directory)
  var folder: String

  @OptionGroup var maps: MapOptions

  @Option(help: "How often the folder is gone through.")
  var rounds = 3

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    if !(1...1000).contains(rounds) { throw ValidationError("--rounds is from 1 to 1000.") }
  }

  func run() throws {
    try ExitStatus.reporting {
      let out = try PassingFolder.make(for: "crayon-bench")
      defer { try? FileManager.default.removeItem(at: out) }
      let results = try AnnotationFolder(opening: out)
      var found = try AnnotationInputs.find(
        [URL(fileURLWithPath: folder)], recursive: false, excluding: out, isPicture: ImageDecoder.knows)
      found.pictures = try results.place(found.pictures).pictures
      let run = AnnotationRun(
        source: try maps.source().prepared(for: found.pictures), folder: results,
        options: AnnotationRun.Options(
          jobs: Parallel.processors, drawsOverlays: true, overwrites: true, isStrict: true))
      let rounds = try (0..<rounds).map { _ in
        try run(found, isStopped: { false }, report: { _, _, _ in }).summary
      }
      guard let best = rounds.min(by: { $0.seconds < $1.seconds }), best.failed == 0 else {
        throw ExitStatus.someFailed
      }
      let report = Report(
        pictures: best.annotated, perSecond: Double(best.annotated) / best.seconds,
        utilisation: best.utilisation, peakMegabytes: ProcessMemory.peakMegabytes, threads: Parallel.processors)
      if json { return try Console.json(report) }
      print(
        String(
          format: "%d pictures decoded, maps and overlays written: %.1f pictures/s, %.0f %% of %d "
            + "processors, peak %.0f MB",
          report.pictures, report.perSecond, report.utilisation * 100, report.threads,
          report.peakMegabytes))
    }
  }

  private struct Report: Encodable {
    var pictures: Int
    var perSecond: Double
    var utilisation: Double
    var peakMegabytes: Double
    var threads: Int
  }
}
