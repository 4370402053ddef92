import Annotation
import ArgumentParser
import Evaluation
import Foundation
import Imaging
import Pipeline
import Tensors
import Terminal

struct DriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "Measure how far a variant of a pipeline is from another, stage by stage.",
    discussion: """
      Each stage of the variant is given what the stage before it makes in the reference; the language models read the
      same question and the reference's answer. A cosine, a part or an IoU of 1, and a divergence of 0, is no drift.

      Examples:
        crayon drift collavo-7b@CoLLaVO-7B collavo-7b@CoLLaVO-7B-nf4 Samples
        crayon drift pocket pocket --reference-precision float32 --variant-precision bfloat16 Samples
      crayon drift mine.yaml other.yaml photos --question "What is on the table?" --json
      """)

  @Argument(help: "The pipeline to go by; with @MODEL, by this one of several models that it names.")
  var reference: String

  @Argument(help: "The pipeline that is measured.")
  var variant: String

  @Argument(help: "Pictures, or folders of them.", completion: .file())
  var pictures: [String]

  @Option(help: "What is asked about each picture.")
  var question = "Describe this image in detail."

  @Option(help: ArgumentHelp("Tokens of an answer.", valueName: "n"))
  var maxTokens = 32

  @Option(help: "float32, bfloat16 or auto: of the reference, instead of what its file says.")
  var referencePrecision: Precision?

  @Option(help: "The same of the variant.")
  var variantPrecision: Precision?

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard !pictures.isEmpty else { throw ValidationError("Name a picture or a folder.") }
    guard (1...4096).contains(maxTokens) else { throw ValidationError("--max-tokens is from 1 to 4096.") }
  }

  func run() throws {
    try ExitStatus.reporting {
      let interruption = Interruption()
      let found = try AnnotationInputs.find(
        pictures.map { URL(fileURLWithPath: $0) }, recursive: false,
        excluding: URL(fileURLWithPath: "annotations"), isPicture: ImageDecoder.knows)
      for failure in found.failures { Console.message("failed: \(failure.file): \(failure.reason)") }
      Console.list("passed over", found.passedOver)
      let inputs = found.pictures
      let drift = try Drift(
        reference: try Self.load(reference, referencePrecision),
        variant: try Self.load(variant, variantPrecision))
      let bar = ProgressBar(total: inputs.count)
      defer { bar.finish() }
      var table = DriftTable()
      for (index, input) in inputs.enumerated() {
        try drift.measure(
          ImageDecoder.Input(file: input.url), question: question, limit: maxTokens,
          isCancelled: { interruption.isRequested }, into: &table)
        bar.update(done: index + 1)
      }
      bar.finish()
      let report = Report(
        reference: reference, variant: variant, pictures: inputs.count, question: question, rows: table.rows)
      if json { try Console.json(report) } else { report.printTable() }
      if !found.failures.isEmpty { throw ExitStatus.someFailed }
    }
  }

  private static func load(_ name: String, _ precision: Precision?) throws -> Pipeline {
    var configuration = try PipelineLibrary.pipeline(name)
    if let precision { configuration.precision = precision }
    return try Pipeline(configuration, cache: nil)
  }

  private struct Report: Encodable {
    var reference: String
    var variant: String
    var pictures: Int
    var question: String
    var rows: [DriftTable.Row]

    func printTable() {
      print("\(variant) against \(reference), \(pictures) pictures")
      let width = rows.map(\.measure.rawValue.count).max() ?? 0
      for row in rows {
        print(
          "  " + row.measure.rawValue.padding(toLength: width, withPad: " ", startingAt: 0)
            + String(format: "  mean %.6f  worst %.6f  of %d", row.mean, row.worst, row.count))
      }
    }
  }
}
