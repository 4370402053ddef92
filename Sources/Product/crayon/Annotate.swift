import Annotation
import ArgumentParser
import Foundation
import Imaging
import Pipeline
import Tensors
import Terminal

struct Annotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Paint pictures with panoptic maps in the COCO panoptic format.",
    discussion: """
      Writes DIR/panoptic.json, DIR/panoptic/NAME.png, with --overlay also DIR/overlay/NAME.png, and
      DIR/failures.jsonl where pictures could not be annotated. A run that was stopped goes on where it was; a
      map that a person has edited is never overwritten unless told.

      Example, with a published model in the models folder:
        crayon annotate photos/ --pipeline mask2former-swin-large --overlay
      Example, with maps that exist:
        crayon annotate photos/ --panoptic maps/ --panoptic-json maps.json --overlay
      """)

  @Argument(help: "Pictures, or folders of pictures.", completion: .file())
  var paths: [String] = []

  @Option(help: "Where results go.", completion: .directory)
  var out = "annotations"

  @OptionGroup var maps: MapOptions

  @Flag(help: "Search folders in folders.")
  var recursive = false

  @Option(help: "Pictures at work at once (default: the number of processors).")
  var jobs: Int?

  @Option(
    help:
      "Do every Nth picture, from the Ith on: 1/4 to 4/4 on four machines; auto under Slurm, Kubernetes, GNU parallel.",
    transform: Shard.argument)
  var shard: Shard?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Put the results of shards together in --out, instead of annotating.", valueName: "dir"))
  var merge: [String] = []

  @Flag(help: "Also paint the maps over the pictures.")
  var overlay = false

  @Flag(help: "Annotate everything anew, also what a person has edited.")
  var overwrite = false

  @Flag(help: "Stop at the first picture that cannot be annotated.")
  var strict = false

  @Flag(help: "Print the summary as a JSON object.")
  var json = false

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is from 1 to 1024.") }
    if merge.isEmpty && paths.isEmpty { throw ValidationError("Name pictures or folders to annotate.") }
    if !merge.isEmpty && !paths.isEmpty { throw ValidationError("--merge takes no pictures.") }
    // An empty path would be the folder that one is in.
    guard !(paths + merge + [out]).contains("") else {
      throw ValidationError("A path is empty; is a variable of the shell unset?")
    }
  }

  func run() throws {
    try ExitStatus.reporting { merge.isEmpty ? try annotate() : try mergeShards() }
  }

  private func annotate() throws {
    let target = URL(fileURLWithPath: out)
    var found = try AnnotationInputs.find(
      paths.map { URL(fileURLWithPath: $0) }, recursive: recursive, excluding: target,
      isPicture: ImageDecoder.knows)
    let source = try maps.source().prepared(for: found.pictures)
    let folder = try AnnotationFolder(opening: target)
    // Before shards are cut, so that all of them name pictures in the same way.
    let (placed, renamed) = try folder.place(found.pictures)
    found.pictures = placed
    for renaming in renamed {
      Console.message(
        "note: \(renaming.from).png is \(renaming.to).png now, as there is another picture of that name")
    }
    if let shard {
      found = shard.part(of: found)
      try AnnotationShard(index: shard.index, count: shard.count, isFinished: false).write(to: folder)
    }
    let run = AnnotationRun(
      source: source, folder: folder,
      options: AnnotationRun.Options(
        jobs: jobs ?? Parallel.processors, drawsOverlays: overlay, overwrites: overwrite,
        isStrict: strict))
    for failure in found.failures { Console.message("failed: \(failure.file): \(failure.reason)") }
    Console.list("passed over", found.passedOver)
    let interruption = Interruption(
      saying: "\nstopping after the pictures at work; Ctrl-C again to stop at once\n")
    let bar = ProgressBar(total: found.pictures.count)
    let result = try run(found, isStopped: { interruption.isRequested }) { input, outcome, so_far in
      if case .failed(let reason) = outcome {
        bar.finish()
        Console.message("failed: \(input.listedName): \(reason)")
      } else if outcome == .keptEdited {
        bar.finish()
        Console.message("kept: \(input.listedName): its map has been edited (--overwrite replaces it)")
      }
      let free = so_far.kept + so_far.edited
      bar.update(
        done: so_far.annotated + free + so_far.failed, kept: free, failed: so_far.failed)
    }
    bar.finish()
    if let shard, result.summary.left == 0 {
      try AnnotationShard(index: shard.index, count: shard.count, isFinished: true).write(to: folder)
    }
    for failure in result.unlisted { Console.message("failed: \(failure.file): \(failure.reason)") }
    try report(result.summary, folder: folder)
    try interruption.check()
    if result.summary.failed > 0 { throw ExitStatus.someFailed }
  }

  private func report(_ summary: AnnotationRun.Summary, folder: AnnotationFolder) throws {
    if json { return try Console.json(summary) }
    var parts = ["\(summary.annotated) annotated"]
    if summary.kept > 0 { parts.append("\(summary.kept) kept as they were") }
    if summary.edited > 0 { parts.append("\(summary.edited) edited by a person and kept") }
    if summary.failed > 0 { parts.append("\(summary.failed) failed (see \(folder.failuresFile.relativePath))") }
    if summary.passedOver > 0 { parts.append("\(summary.passedOver) passed over") }
    if summary.left > 0 { parts.append("\(summary.left) left for the next run") }
    let rate = Double(summary.annotated) / max(summary.seconds, 0.001)
    Console.message(
      parts.joined(separator: ", ")
        + String(
          format: "; %.1f s, %.1f pictures/s, %.0f %% of the processors", summary.seconds, rate,
          summary.utilisation * 100))
    print("\(folder.datasetFile.relativePath): \(summary.listed) pictures")
  }

  private func mergeShards() throws {
    let folder = try AnnotationFolder(opening: URL(fileURLWithPath: out))
    let summary = try AnnotationMerge.merge(merge.map { URL(fileURLWithPath: $0) }, into: folder)
    Console.list("edited by a person and kept", summary.edited)
    if json {
      try Console.json(summary)
    } else {
      print("\(folder.datasetFile.relativePath): \(summary.listed) pictures")
    }
    if summary.failed > 0 {
      Console.message("\(summary.failed) failed (see \(folder.failuresFile.relativePath))")
      throw ExitStatus.someFailed
    }
  }
}

/// One part of the work: `I/N`, or `auto` where the engine that starts the parts says which this is.
struct Shard: Equatable {
  let index: Int
  let count: Int

  /// Where the number of parts is not the engine's to say.
  static let countVariable = "CRAYON_SHARDS"

  /// - Throws: `ValidationError`
  static func argument(_ text: String) throws -> Shard {
    if text == "auto" { return try Shard(ProcessInfo.processInfo.environment) }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], let shard = Shard(index, of: count)
    else {
      throw ValidationError("\(text) is no part of the work; it is I/N, from 1/N to N/N, or auto.")
    }
    return shard
  }

  private init?(_ index: Int, of count: Int) {
    guard count >= 1, (1...count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// What Slurm says of an array's task, Kubernetes of an indexed job's pod, and GNU parallel of a job; of the last two
  /// `CRAYON_SHARDS` says how many there are.
  /// - Throws: `ValidationError`
  init(_ environment: [String: String]) throws {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    let found: Shard?
    if let task = number("SLURM_ARRAY_TASK_ID") {
      let (first, step) = (number("SLURM_ARRAY_TASK_MIN") ?? 0, max(number("SLURM_ARRAY_TASK_STEP") ?? 1, 1))
      found = number("SLURM_ARRAY_TASK_COUNT").flatMap { Shard((task - first) / step + 1, of: $0) }
    } else if let place = number("JOB_COMPLETION_INDEX").map({ $0 + 1 }) ?? number("PARALLEL_SEQ") {
      guard let count = number(Self.countVariable) else {
        throw ValidationError("--shard auto: \(Self.countVariable) must say how many parts there are.")
      }
      found = Shard(place, of: count)
    } else {
      throw ValidationError(
        "--shard auto: neither Slurm (SLURM_ARRAY_TASK_ID), Kubernetes (JOB_COMPLETION_INDEX) nor GNU parallel "
          + "(PARALLEL_SEQ) says which part this is.")
    }
    guard let found else {
      throw ValidationError(
        "--shard auto: the variables of the environment name a part that is not among the parts.")
    }
    self = found
  }

  /// Every `count`th of inputs in order, so that all shards have about the same work.
  func part<Element>(of all: [Element]) -> [Element] {
    all.enumerated().filter { $0.offset % count == index - 1 }.map(\.element)
  }

  func part(of found: AnnotationInputs) -> AnnotationInputs {
    var part = found
    part.pictures = self.part(of: found.pictures)
    part.failures = self.part(of: found.failures)
    part.passedOver = self.part(of: found.passedOver)
    return part
  }
}
