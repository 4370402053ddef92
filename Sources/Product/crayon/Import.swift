import Annotation
import ArgumentParser
import Foundation
import Terminal

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take maps that were edited in another program into an annotated folder.",
    discussion: """
      SOURCE is what crayon export has written, or what the other program made of it. A picture is known by its name. Its
      map is replaced where it says something else, and counts as edited by a person: crayon annotate keeps it.

      Example:
        crayon import for-labelme --from labelme --into annotations
      """)

  @Argument(help: "A folder, or the format's one file.", completion: .file())
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
      let summary = try into.run(files) { bar.update(done: $0, kept: 0, failed: 0) }
      bar.finish()
      for failure in summary.failures { Console.message("failed: \(failure.file): \(failure.reason)") }
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
