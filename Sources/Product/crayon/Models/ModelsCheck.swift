import ArgumentParser
import AtomicFiles
import Checkpoints
import Foundation
import Hub
import Pipeline
import Synchronization
import Terminal

struct ModelsCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say whether a model on the hub would load, before it is fetched.",
    discussion: """
      NAME and the environment are as for crayon models pull. Read are configurations, tokenizers, and what the weight
      files say of their tensors, some hundred kilobytes; then the program's own loaders ask for every tensor by name,
      shape and type. Values are not read. Exit status 3 where it would not load.

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
      var unchecked: [String] = []
      for name in names {
        let target = try ModelTarget(name)
        let orders = try target.orders(revision: revision, fetchesAll: false)
        if orders.isEmpty { Console.message("note: nothing of \(name) comes from the hub; nothing to check") }
        let pipeline = ModelTarget.pipeline(name)
        let (plans, found) = try await Interruption.cancelling {
          let plans = try await pull.plan(orders)
          return (plans, try await check.run(plans, pipeline: pipeline))
        }
        rows += found
        unchecked += plans.filter { RemoteCheck.cannotTell($0) }.map { $0.order.repository.description }
      }
      for repository in unchecked {
        Console.message("error: \(repository): files of weights of this kind do not say here what is in them")
      }
      if json {
        try Console.json(["models": rows.map(Report.init)])
      } else {
        for row in rows { print(row.text(all: all)) }
      }
      guard rows.allSatisfy(\.check.loads), unchecked.isEmpty else { throw ExitStatus.badModel }
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
        case .fits, .wrongType, .unknown, .notLookedAt: break
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
    lines += check.faults.map { "  \($0)" }
    lines += check.findings.filter { all || !$0.isGood }.map { "  \($0.sentence)" }
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
    case .notLookedAt: "not looked at"
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
    case .notLookedAt: "\(name): \(found) was not looked at"
    }
  }
}

/// Looks at models on the hub without fetching them: configurations, tokenizers, and what weight files say of their tensors.
struct RemoteCheck {
  /// What was found of one repository.
  struct Row {
    let plan: HubPull.Plan
    let check: CheckpointCheck
    let bytesRead: Int
  }

  let pull: HubPull

  /// Files that do not describe themselves are read whole; longer ones say nothing of tensors.
  private static let longestDescription = 16 << 20

  /// Whether a file of weights says at its beginning or its end what is in it.
  private static func describesItself(_ file: HubFile) -> Bool {
    switch WeightFormat(of: file.path) {
    case .safetensors, .torch: true
    case .gguf, nil: false
    }
  }

  /// Whether there is anything to look at.
  static func describesItself(_ plan: HubPull.Plan) -> Bool { plan.files.contains(where: describesItself) }

  /// Whether there are weights of which nothing is known before they are fetched.
  static func cannotTell(_ plan: HubPull.Plan) -> Bool {
    !describesItself(plan) && plan.files.contains { WeightFormat(of: $0.path) != nil }
  }

  /// - Parameter pipeline: that the models are for; nil for the project's own of each model's kind
  /// - Returns: one for each repository that has weights which describe themselves
  /// - Throws: `HubError`, or where what was read cannot be put on the disk for a while
  func run(_ plans: [HubPull.Plan], pipeline: String?) async throws -> [Row] {
    let models = try PassingFolder.make(for: "crayon-check")
    defer { try? FileManager.default.removeItem(at: models) }
    var read: [Int] = []
    for plan in plans { read.append(try await sketch(plan, in: models)) }
    var rows: [Row] = []
    for (plan, bytes) in zip(plans, read) where Self.describesItself(plan) {
      let folder = models.appendingPathComponent(plan.order.folder.lastPathComponent)
      let more = try await companions(of: folder, in: models)
      rows.append(
        Row(plan: plan, check: CheckpointCheck(folder: folder, for: pipeline), bytesRead: bytes + more))
    }
    return rows
  }

  /// Fetches the small models that a checkpoint's pipeline needs beside it, where they are not there yet.
  private func companions(of folder: URL, in models: URL) async throws -> Int {
    guard let checkpoint = try? Checkpoint(folder: folder), let family = ModelFamily(checkpoint),
      [.collavo, .nextChat].contains(family)
    else { return 0 }
    var bytes = 0
    for entry in ModelCatalogue.all where !entry.hasWeights {
      guard !FileManager.default.fileExists(atPath: models.appendingPathComponent(entry.name).path) else {
        continue
      }
      let orders = try ModelTarget.known([entry]).orders(revision: "main", fetchesAll: false)
      for plan in try await pull.plan(orders) { bytes += try await sketch(plan, in: models) }
    }
    return bytes
  }

  /// Puts into a folder what a repository's files say.
  /// - Returns: how many bytes were read for it
  private func sketch(_ plan: HubPull.Plan, in models: URL) async throws -> Int {
    let folder = models.appendingPathComponent(plan.order.folder.lastPathComponent)
    let count = Mutex(0)
    return try await pull.parts(of: plan) { parts in
      for file in plan.files {
        let target = folder.appendingPathComponent(file.path)
        try OutputFolder.make(target.deletingLastPathComponent())
        func read(_ range: Range<Int>) async throws -> Data {
          let data = try await parts.read(file, range)
          count.withLock { $0 += data.count }
          return data
        }
        if Self.describesItself(file) {
          try await CheckpointSketch.write(to: target, size: file.size, read: read)
        } else if file.size <= Self.longestDescription {
          try AtomicFile.write(try await read(0..<file.size), to: target)
        }
      }
      return count.withLock { $0 }
    }
  }
}
