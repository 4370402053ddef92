import ArgumentParser
import Checkpoints
import Foundation
import Hub
import Pipeline
import Terminal

struct ModelsCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say whether a model on the hub would load, before it is fetched.",
    discussion: """
      NAME is as for crayon models pull. Read are configurations, tokenizers, and what the weight files say of their
      tensors, some hundred kilobytes; then the program's own loaders ask for every tensor by name, shape and type.
      Values are not read. Exit status 3 where it would not load.

      Examples:
        crayon models check nextchat-7b
        crayon models check BK-Lee/CoLLaVO-7B --json
      """)

  @Argument(help: "Pipelines, models or repositories.")
  var names: [String]

  @Option(help: "A branch, a tag or a commit of the repositories.")
  var revision = "main"

  @Flag(help: "Name every tensor, and not only those that are wrong.")
  var all = false

  @Flag(help: "Print a JSON object, with every tensor.")
  var json = false

  func run() async throws {
    try await ExitStatus.reporting {
      let pull = HubPull(try HubEndpoint(), retrying: { Console.message("trying again: \($0)") })
      let check = RemoteCheck(pull: pull)
      var rows: [RemoteCheck.Row] = []
      for name in names {
        let plans = try await pull.plan(ModelTarget(name).orders(revision: revision, fetchesAll: false))
        rows += try await check.run(plans, pipeline: ModelTarget.pipeline(name))
      }
      if json {
        try Console.json(["models": rows.map(Report.init)])
      } else {
        for row in rows { print(row.text(all: all)) }
      }
      guard rows.allSatisfy(\.check.loads) else { throw ExitStatus.badModel }
    }
  }

  private struct Report: Encodable {
    var repository: String
    var commit: String
    var family: String?
    var loads: Bool
    var bytesRead: Int
    var faults: [String]
    var tensors: [Tensor]

    struct Tensor: Encodable {
      var name: String
      var verdict: String
      var type: String?
      var shape: [Int]?
      var wanted: [Int]?
      var reason: String?
    }

    init(_ row: RemoteCheck.Row) {
      repository = row.plan.order.repository.description
      commit = row.plan.listing.commit
      family = row.check.family?.rawValue
      loads = row.check.loads
      bytesRead = row.bytesRead
      faults = row.check.faults
      tensors = row.check.findings.map { finding in
        var tensor = Tensor(
          name: finding.name, verdict: finding.word, type: finding.type?.rawValue, shape: finding.shape)
        switch finding.verdict {
        case .passedOver(let reason): tensor.reason = reason
        case .missing(let wanted), .wrongShape(let wanted): tensor.wanted = wanted
        case .fits, .wrongType, .unknown: break
        }
        return tensor
      }
    }
  }
}

extension RemoteCheck.Row {
  /// What a person reads of it.
  func text(all: Bool) -> String {
    let size = plan.files.reduce(0) { $0 + $1.size }
    var lines = [
      "\(plan.order.repository) at \(plan.listing.commit.prefix(12)): \(check.family?.rawValue ?? "no known model"), "
        + "\(Console.bytes(size)), of which \(Console.bytes(bytesRead)) were read"
    ]
    lines += check.findings.filter { all || !$0.isGood }.map { "  \($0.sentence)" }
    lines += check.faults.map { "  \($0)" }
    let counts = Dictionary(grouping: check.findings, by: \.word).mapValues(\.count).sorted { $0.key < $1.key }
    let summary = counts.map { "\($1) \($0)" }.joined(separator: ", ")
    lines.append(
      "  it would \(check.loads ? "" : "not ")load" + (summary.isEmpty ? "" : ": tensors: \(summary)"))
    return lines.joined(separator: "\n")
  }
}

extension WeightAudit.Finding {
  /// The kind of verdict.
  fileprivate var word: String {
    switch verdict {
    case .fits: "fits"
    case .passedOver: "not needed"
    case .missing: "missing"
    case .wrongShape: "of another shape"
    case .wrongType: "of another type"
    case .unknown: "unknown"
    }
  }

  fileprivate var sentence: String {
    let found = type.map { "\($0.rawValue) \(shape ?? [])" } ?? ""
    return switch verdict {
    case .fits: "\(name): \(found) fits"
    case .passedOver(let reason): "\(name): \(found) is not needed: \(reason)"
    case .missing(let wanted): "\(name): missing; the model needs \(wanted)"
    case .wrongShape(let wanted): "\(name): \(found), but the model needs \(wanted)"
    case .wrongType: "\(name): \(found), but the model needs floating-point values"
    case .unknown: "\(name): \(found) is no tensor of the model"
    }
  }
}
