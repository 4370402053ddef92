import Annotation
import ArgumentParser
import AtomicFiles
import Foundation
import Terminal

extension AnnotationFormat {
  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// - Throws: `ValidationError`
  static func argument(_ text: String) throws -> AnnotationFormat {
    guard let format = AnnotationFormat(rawValue: text) else {
      throw ValidationError("\(text) is no format; known are \(list).")
    }
    return format
  }
}

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write an annotated folder in another program's format.",
    discussion: """
      DIR is as crayon annotate writes it. coco-instances, cvat and masks keep every pixel; labelme has polygons for each
      part of a segment, in the order in which they lie upon each other; yolo-seg has one polygon for each segment, with
      its parts joined and its holes filled. What is lost is said.

      Example:
        crayon export annotations --to labelme --simplify 1 --out for-labelme
      """)

  @Argument(help: "An annotated folder.", completion: .directory)
  var folder: String

  @Option(help: "The format: \(AnnotationFormat.list).", transform: AnnotationFormat.argument)
  var to: AnnotationFormat

  @Option(help: "The folder to make (default: beside it, its name and the format's).", completion: .directory)
  var out: String?

  @Option(help: "Polygons may be this many pixels from the edges, and have fewer corners (yolo-seg, labelme).")
  var simplify = 0.0

  @Flag(help: "Print the summary as a JSON object.")
  var json = false

  func validate() throws {
    guard (0...100).contains(simplify) else { throw ValidationError("--simplify is from 0 to 100 pixels.") }
    guard simplify == 0 || to == .yoloSeg || to == .labelme else {
      throw ValidationError("--simplify is for yolo-seg and labelme, which have polygons.")
    }
  }

  func run() throws {
    try ExitStatus.reporting {
      let source = URL(fileURLWithPath: folder).standardizedFileURL
      let beside = source.deletingLastPathComponent()
        .appendingPathComponent("\(source.lastPathComponent)-\(to.rawValue)")
      let target = out.map { URL(fileURLWithPath: $0) } ?? beside
      guard !FileManager.default.fileExists(atPath: target.path) else {
        Console.message("error: \(target.path) exists already")
        throw ExitStatus.wrongUsage
      }
      let export = try AnnotationExport(source)
      var summary = AnnotationExport.Summary()
      let interruption = Interruption(saying: "\nstopping; nothing is written\n")
      try NewFolder.make(target) { part in
        let bar = ProgressBar(total: export.count)
        defer { bar.finish() }
        summary = try export.run(to: to, in: part, place: target, tolerance: simplify) {
          bar.update(done: $0)
          try interruption.check()
        }
        try interruption.check()
      }
      for failure in summary.failures { Console.message("failed: \(failure.file): \(failure.reason)") }
      Console.list("not where they were", summary.withoutPicture)
      let loss = summary.loss
      if loss.filledHoles > 0 {
        Console.message(
          "note: \(to.rawValue) has no holes; \(loss.filledHoles) parts of segments have theirs filled")
      }
      if loss.withoutNumber > 0 {
        Console.message(
          "note: \(to.rawValue) has no numbers of segments, scores or crowds; \(loss.withoutNumber) segments lose them"
        )
      }
      if loss.lostPixels > 0 {
        Console.message(
          String(
            format: "note: %d of %d pixels (%.3f %%) come out as another segment or as none", loss.lostPixels,
            loss.pixels, 100 * Double(loss.lostPixels) / Double(max(loss.pixels, 1))))
      }
      if json {
        try Console.json(summary)
      } else {
        print("\(target.relativePath): \(summary.pictures) pictures, \(summary.segments) segments")
      }
      // The other formats lead to their pictures; this one is a dataset that has them.
      let isShort = to == .yoloSeg && !summary.withoutPicture.isEmpty
      if isShort || !summary.failures.isEmpty { throw ExitStatus.someFailed }
    }
  }
}

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take maps that were edited in another program into an annotated folder.",
    discussion: """
      SOURCE is what crayon export has written, or what the other program made of it. A picture is known by its name. Its
      map is replaced where it says something else, and counts as edited by a person: crayon annotate keeps it.

      Example:
        crayon import for-labelme --from labelme --into annotations
      """)

  @Argument(help: "A folder, or a file of the format.", completion: .file())
  var source: String

  @Option(help: "The format: \(AnnotationFormat.list).", transform: AnnotationFormat.argument)
  var from: AnnotationFormat

  @Option(help: "The annotated folder.", completion: .directory)
  var into = "annotations"

  @Flag(help: "Print the summary as a JSON object.")
  var json = false

  func run() throws {
    try ExitStatus.reporting {
      let into = try AnnotationImport(into: URL(fileURLWithPath: into))
      let files = try AnnotationImport.Files(from, URL(fileURLWithPath: source))
      let bar = ProgressBar(total: files.count)
      let summary = try into.run(files) { bar.update(done: $0) }
      bar.finish()
      for failure in summary.failures { Console.message("failed: \(failure.file): \(failure.reason)") }
      Console.list("passed over", summary.passedOver)
      Console.list("new categories, taken for things", summary.newCategories)
      if summary.vanished > 0 {
        Console.message(
          "note: \(summary.vanished) segments are wholly under others, or have no pixel, and are left out")
      }
      if json {
        try Console.json(summary)
      } else {
        print(
          "\(self.into): \(summary.changed) maps changed, \(summary.same) as they were; \(summary.listed) pictures "
            + "listed")
      }
      if !summary.failures.isEmpty { throw ExitStatus.someFailed }
    }
  }
}
