import Checkpoints
import Foundation
import Hub
import Pipeline
import Synchronization

/// Looks at models on the hub without fetching them: configurations, tokenizers, and what weight files say of their tensors.
struct RemoteCheck {
  /// What was found of one repository.
  struct Row {
    let plan: HubPull.Plan
    let check: CheckpointCheck
    let bytesRead: Int
  }

  let pull: HubPull

  /// Files of weights that describe themselves at their beginning or their end.
  private static let kinds = [".safetensors", ".bin", ".pth", ".pt"]
  /// Other files are read whole; longer ones describe nothing.
  private static let longestDescription = 16 << 20

  /// Whether there is anything to look at.
  static func describesItself(_ plan: HubPull.Plan) -> Bool {
    plan.files.contains { file in kinds.contains(where: file.path.hasSuffix) }
  }

  /// - Parameter pipeline: that the models are for; nil for the project's own of each model's kind
  /// - Returns: one for each repository that has weights
  /// - Throws: `HubError`
  func run(_ plans: [HubPull.Plan], pipeline: String?) async throws -> [Row] {
    let models = FileManager.default.temporaryDirectory.appendingPathComponent(
      "crayon-check-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: models) }
    var read: [Int] = []
    for plan in plans { read.append(try await sketch(plan, in: models)) }
    var rows: [Row] = []
    for (plan, bytes) in zip(plans, read) where Self.describesItself(plan) {
      let folder = models.appendingPathComponent(plan.order.folder.lastPathComponent)
      let more = try await companions(of: folder, revision: plan.order.revision, in: models)
      rows.append(
        Row(plan: plan, check: CheckpointCheck(folder: folder, for: pipeline), bytesRead: bytes + more))
    }
    return rows
  }

  /// Fetches the small models that a checkpoint's pipeline needs beside it, where they are not there yet.
  private func companions(of folder: URL, revision: String, in models: URL) async throws -> Int {
    guard let checkpoint = try? Checkpoint(folder: folder), let family = ModelFamily(checkpoint),
      [.collavo, .nextChat].contains(family)
    else { return 0 }
    var bytes = 0
    for entry in ModelCatalogue.all where !entry.hasWeights {
      guard !FileManager.default.fileExists(atPath: models.appendingPathComponent(entry.name).path) else {
        continue
      }
      let orders = try ModelTarget.known([entry]).orders(revision: revision, fetchesAll: false)
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
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        func read(_ range: Range<Int>) async throws -> Data {
          let data = try await parts.read(file, range)
          count.withLock { $0 += data.count }
          return data
        }
        if Self.kinds.contains(where: file.path.hasSuffix) {
          try await CheckpointSketch.write(to: target, size: file.size, read: read)
        } else if file.size <= Self.longestDescription {
          try await read(0..<file.size).write(to: target)
        }
      }
      return count.withLock { $0 }
    }
  }
}
