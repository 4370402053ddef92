import ArgumentParser
import CrayonCore
import Evaluation
import Foundation
import Terminal

struct EvaluatePanoptic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panoptic",
    abstract: "Panoptic quality (PQ, SQ, RQ) of maps in the COCO panoptic format, as panopticapi computes it.",
    discussion: """
      Pictures that the ground truth lists without a map are named, and the figures leave them out.

      Example:
        crayon eval panoptic --ground-truth truth.json --ground-truth-dir truth/ \\
          --predictions annotations/panoptic.json --predictions-dir annotations/panoptic
      """)

  @Option(help: "The dataset file of the ground truth.", completion: .file(extensions: ["json"]))
  var groundTruth: String

  @Option(help: "The folder of its PNGs.", completion: .directory)
  var groundTruthDir: String

  @Option(help: "The dataset file of the predictions.", completion: .file(extensions: ["json"]))
  var predictions: String

  @Option(help: "The folder of its PNGs.", completion: .directory)
  var predictionsDir: String

  @Flag(help: "Print everything as a JSON object.")
  var json = false

  func run() throws {
    try ExitStatus.reporting {
      let evaluation = try PanopticEvaluation(
        groundTruth: .init(
          json: URL(fileURLWithPath: groundTruth), folder: URL(fileURLWithPath: groundTruthDir)),
        predictions: .init(
          json: URL(fileURLWithPath: predictions), folder: URL(fileURLWithPath: predictionsDir)))
      if evaluation.matching == .fileName {
        Console.message(
          "note: image_id says otherwise, so pictures are put together by their names (file_name)")
      }
      let report = Report(evaluation)
      if json { try Console.json(report) } else { report.printTable() }
      guard report.withoutTruth.isEmpty else {
        Console.list("without a map in \(groundTruth)", report.withoutTruth)
        let count = report.withoutTruth.count
        Console.message(
          "\(count) of \(report.pictures + count) pictures were not compared, for the reason above; the figures "
            + "leave them out")
        throw ExitStatus.someFailed
      }
    }
  }

  /// Figures are fractions in JSON and percent in the table.
  private struct Report: Encodable {
    struct Class: Encodable {
      var name: String
      var isThing: Bool
      var pq: Double
      var sq: Double
      var rq: Double
      var truePositives: Int
      var falsePositives: Int
      var falseNegatives: Int
    }

    var pictures: Int
    var matchedBy: PanopticEvaluation.Matching
    var withoutTruth: [String]
    var all: PanopticQuality.Score
    var things: PanopticQuality.Score
    var stuff: PanopticQuality.Score
    var classes: [Class]

    init(_ evaluation: PanopticEvaluation) {
      let quality = evaluation.quality
      let categories = evaluation.categories.categories
      pictures = quality.pictures
      matchedBy = evaluation.matching
      withoutTruth = evaluation.withoutTruth
      all = quality.score(of: categories)
      things = quality.score(of: categories.filter(\.isThing))
      stuff = quality.score(of: categories.filter { !$0.isThing })
      classes = categories.compactMap { category in
        guard let counts = quality.counts[category.id], let score = counts.quality else { return nil }
        return Class(
          name: category.name, isThing: category.isThing, pq: score.pq, sq: score.sq, rq: score.rq,
          truePositives: counts.truePositives, falsePositives: counts.falsePositives,
          falseNegatives: counts.falseNegatives)
      }
    }

    func printTable() {
      func percent(_ value: Double?) -> String {
        value.map { String(format: "%6.1f", $0 * 100) } ?? "     –"
      }
      func row(_ name: String, _ cells: [String]) {
        print(name.padding(toLength: 26, withPad: " ", startingAt: 0) + cells.joined(separator: " "))
      }
      func group(_ name: String, _ score: PanopticQuality.Score) {
        row(name, [percent(score.pq), percent(score.sq), percent(score.rq), "  \(score.classes) classes"])
      }
      row("", ["    PQ", "    SQ", "    RQ"])
      group("all", all)
      group("things", things)
      group("stuff", stuff)
      print("")
      row("", ["    PQ", "    SQ", "    RQ", "  found", "  false", " missed"])
      for item in classes {
        row(
          item.name,
          [percent(item.pq), percent(item.sq), percent(item.rq)]
            + [item.truePositives, item.falsePositives, item.falseNegatives].map {
              String(format: "%7d", $0)
            })
      }
      print("\n\(pictures) pictures")
    }
  }
}
