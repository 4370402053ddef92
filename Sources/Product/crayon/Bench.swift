import Annotation
import ArgumentParser
import CrayonCore
import Foundation
import Imaging
import Panoptic
import Pipeline
import Tensors

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and memory.",
    subcommands: [
      BenchLanguage.self, BenchVision.self, BenchSAM.self, BenchSegment.self, BenchPictures.self,
    ])
}

struct BenchSegment: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Time a segmenter's network on a picture of a given size.",
    discussion: "Example:\n  crayon bench segment --pipeline untrained --size 384x384")

  @Option(help: "The pipeline whose segmenter is measured.")
  var pipeline = PipelineLibrary.defaultName

  @Option(help: ArgumentHelp("Of the network's own picture.", valueName: "height×width, as 800x1088"))
  var size = Size(height: 384, width: 384)

  @Option(help: "Timed runs, after one that is not.")
  var runs = 5

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    if !(1...1000).contains(runs) { throw ValidationError("--runs is from 1 to 1000.") }
  }

  func run() throws {
    try ExitStatus.reporting {
      let configuration = try PipelineLibrary.pipeline(pipeline)
      let load = ProcessClock.now
      guard let model = try LoadedSegmenter(configuration).segmenter as? Mask2Former else { return }
      let loadSeconds = load.seconds
      let pixels = Mask2Former.noise(height: size.height, width: size.width)
      _ = model.predict(pixels)
      let seconds = (0..<runs).map { _ in
        let clock = ProcessClock.now
        _ = model.predict(pixels)
        return clock.seconds
      }.sorted()
      let report = Report(
        pipeline: configuration.name, height: size.height, width: size.width, runs: runs,
        best: seconds[0], median: seconds[seconds.count / 2], load: loadSeconds,
        peakMegabytes: Memory.peakMegabytes, threads: Parallel.processors,
        kernels: KernelSet.inUse)
      if json { return try Console.json(report) }
      let figures = String(
        format: "best %.3f s, median %.3f s, load %.2f s, peak %.0f MB", report.best, report.median,
        report.load, report.peakMegabytes)
      print(
        "\(report.pipeline) at \(size.defaultValueDescription): \(figures) "
          + "(\(report.threads) threads, \(report.kernels))")
    }
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
    /// In seconds.
    var best: Double
    var median: Double
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
      let out = FileManager.default.temporaryDirectory.appendingPathComponent("crayon-bench-\(getpid())")
      defer { try? FileManager.default.removeItem(at: out) }
      let inputs = try AnnotationInputs.find(
        [URL(fileURLWithPath: folder)], recursive: false, excluding: out)
      let run = AnnotationRun(
        source: try maps.source(), folder: try AnnotationFolder(opening: out),
        options: AnnotationRun.Options(
          jobs: Parallel.processors, drawsOverlays: true, overwrites: true, isStrict: true))
      let rounds = try (0..<rounds).map { _ in
        try run(inputs, isStopped: { false }, report: { _, _, _ in })
      }
      guard let best = rounds.min(by: { $0.seconds < $1.seconds }), best.failed == 0 else {
        throw ExitStatus.someFailed
      }
      let report = Report(
        pictures: best.annotated, perSecond: Double(best.annotated) / best.seconds,
        utilisation: best.utilisation, peakMegabytes: Memory.peakMegabytes, threads: Parallel.processors)
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
