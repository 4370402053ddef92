import ArgumentParser
import Checkpoints
import Foundation
import Hub
import Pipeline
import Terminal

struct ModelsPull: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Fetch models from the hub.",
    discussion: """
      NAME is a pipeline, and all its models come; or a model of crayon models list; or a repository as owner/name.
      A fetch that was cut goes on where it was. Every file is held against the hub's hash before it gets its name. What
      crayon models check says would not load is not fetched.

      The environment means what it does to the hub's own tools:
        HF_ENDPOINT     the hub's address (https://huggingface.co)
        HF_TOKEN        a token for what is not public
        HF_TOKEN_PATH   a file with that token (token in HF_HOME)
        HF_HOME         the folder of the hub's tools (~/.cache/huggingface)
        HF_HUB_OFFLINE  1: the hub is not asked
        HTTPS_PROXY     a proxy, as http://host:port
        NO_PROXY        hosts that are reached without it
      CRAYON_MODELS is the models folder.

      Examples:
        crayon models pull collavo-7b
        crayon models pull collavo-7b --dry-run
        crayon models pull facebook/mask2former-swin-tiny-coco-panoptic --revision main
      """)

  @Argument(help: "Pipelines, models or repositories.")
  var names: [String]

  @Option(
    help:
      "A branch, a tag or a commit of the repositories (default: main, as far as the files are those that are known)."
  )
  var revision: String?

  @Flag(help: "Everything that a repository holds, and not only what is needed to run the model.")
  var all = false

  @Flag(help: "Fetch also what crayon models check says would not load.")
  var unchecked = false

  @Flag(help: "Say what would be fetched, and fetch nothing.")
  var dryRun = false

  @Option(help: "Files that are fetched at once.")
  var jobs = 4

  func validate() throws {
    guard !names.isEmpty else { throw ValidationError("Name a pipeline, a model or a repository.") }
    guard (1...32).contains(jobs) else { throw ValidationError("--jobs is from 1 to 32.") }
  }

  func run() async throws {
    try await ExitStatus.reporting {
      let targets = try names.map { try ModelTarget($0) }
      let pull = HubPull(
        try HubEndpoint(), policy: HubPolicy(jobs: jobs),
        retrying: {
          ProgressBar.clear()
          Console.message("trying again: \($0)")
        })
      let orders = try distinct(
        targets.flatMap { try $0.orders(revision: revision ?? "main", fetchesAll: all) })
      do {
        let plans = try await pull.plan(orders)
        if revision == nil { try plans.forEach(requireKnownFiles) }
        if dryRun { return describe(plans) }
        if !unchecked { try await check(plans, by: pull) }
        try await fetch(plans, by: pull)
        for plan in plans {
          let bytes = Console.bytes(plan.files.reduce(0) { $0 + $1.size })
          print(
            "\(plan.order.folder.path): \(bytes), \(plan.order.repository) at \(plan.listing.commit.prefix(12))"
          )
        }
      } catch let error as HubError where error.isPassing {
        let folders = orders.map(\.folder.lastPathComponent).joined(separator: ", ")
        Console.message("error: \(error)")
        let options =
          (revision.map { ["--revision \($0)"] } ?? []) + (all ? ["--all"] : [])
          + (unchecked ? ["--unchecked"] : [])
        Console.message(
          "missing from \(ModelsFolder.url.path): \(folders); go on with: crayon models pull "
            + (names + options).joined(separator: " "))
        throw ExitStatus.badModel
      }
      for entry in targets.flatMap(\.missingFromElsewhere) {
        Console.message("note: \(entry.name) does not come from the hub; get it with: make models")
      }
      let unknown = try names.flatMap(ModelTarget.unknownModels)
      for model in unknown {
        Console.message(
          "error: crayon does not know where \(model) is had; put it into \(ModelsFolder.url.path)")
      }
      if !unknown.isEmpty { throw ExitStatus.badModel }
    }
  }

  /// Each folder once.
  /// - Throws: `HubError.anotherRepository` where two repositories would share one
  private func distinct(_ orders: [HubPull.Order]) throws -> [HubPull.Order] {
    var repositories: [String: HubRepository] = [:]
    return try orders.filter { order in
      let known = repositories.updateValue(order.repository, forKey: order.folder.path)
      if let known, known != order.repository {
        throw HubError.anotherRepository(folder: order.folder.path, has: known, wanted: order.repository)
      }
      return known == nil
    }
  }

  /// - Throws: `HubError` where a file is another one than the catalogue's
  private func requireKnownFiles(_ plan: HubPull.Plan) throws {
    let pins = ModelCatalogue.entry(plan.order.folder.lastPathComponent)?.digests ?? [:]
    for file in plan.files {
      guard let pin = pins[file.path], !pin.matches(bytes: file.size, sha256: file.digest.hexadecimal) else {
        continue
      }
      throw HubError.otherFile(
        plan.order.repository, path: file.path, bytes: pin.bytes ?? file.size,
        digest: String(pin.sha256.prefix(8)))
    }
  }

  /// Looks at what is not there yet, and ends the program where it would not load.
  private func check(_ plans: [HubPull.Plan], by pull: HubPull) async throws {
    let missing = plans.filter { plan in
      RemoteCheck.describesItself(plan)
        && plan.missing.contains { WeightFormat(of: $0.path) != nil }
    }
    let small = plans.filter { !RemoteCheck.describesItself($0) }
    guard !missing.isEmpty else { return }
    do {
      let pipeline = names.count == 1 ? ModelTarget.pipeline(names[0]) : nil
      let bad = try await Interruption.cancelling {
        try await RemoteCheck(pull: pull).run(missing + small, pipeline: pipeline)
      }.filter { !$0.check.loads }
      guard !bad.isEmpty else { return }
      for row in bad { Console.message(row.text(all: false)) }
      Console.message("error: this would not load, and nothing is fetched; --unchecked fetches it all the same")
      throw ExitStatus.badModel
    } catch let error as HubError {
      guard case .noRanges = error else { throw error }
      Console.message("note: \(error)")
    }
  }

  private func fetch(_ plans: [HubPull.Plan], by pull: HubPull) async throws {
    let bar = ProgressBar(total: plans.flatMap(\.missing).reduce(0) { $0 + $1.size }, in: .bytes)
    defer { bar.finish() }
    try await Interruption.cancelling(saying: "\nstopping; what has come is kept\n") {
      try await pull.run(plans) {
        bar.update(
          done: $0.done, kept: $0.kept, note: "file \(min($0.filesDone + 1, $0.files)) of \($0.files)")
      }
    }
  }

  private func describe(_ plans: [HubPull.Plan]) {
    for plan in plans {
      print("\(plan.order.repository) at \(plan.listing.commit) -> \(plan.order.folder.path)")
      let kept = Set(plan.kept.map(\.path))
      for file in plan.files {
        print("  \(file.path)  \(Console.bytes(file.size))\(kept.contains(file.path) ? "  (there)" : "")")
      }
    }
    let remaining = plans.reduce(0) { $0 + $1.remaining }
    let free = plans.first.flatMap { HubPull.freeBytes($0.order.folder) }
    print("to fetch: \(Console.bytes(remaining))" + (free.map { ", free: \(Console.bytes($0))" } ?? ""))
  }
}

extension HubError {
  /// Whether the same command may do better another time.
  fileprivate var isPassing: Bool {
    switch self {
    case .unreachable, .busy, .wrongBytes, .wrongSize, .disagreement, .noSpace, .inUse: true
    default: false
    }
  }
}
