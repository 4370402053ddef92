import Annotation
import ArgumentParser
import Foundation
import Imaging
import Tensors
import Terminal

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
