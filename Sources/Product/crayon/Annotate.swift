import Annotation
import ArgumentParser
import Foundation
import Pipeline
import Tensors

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

  @Option(help: "Do every Nth picture, from the Ith on: 1/4 to 4/4 on four machines.")
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
  }

  func run() throws {
    try ExitStatus.reporting { merge.isEmpty ? try annotate() : try mergeShards() }
  }

  private func annotate() throws {
    let target = URL(fileURLWithPath: out)
    var inputs = try AnnotationInputs.find(
      paths.map { URL(fileURLWithPath: $0) }, recursive: recursive, excluding: target)
    if let shard { inputs = shard.part(of: inputs) }
    let source = try maps.source()
    let folder = try AnnotationFolder(opening: target)
    let run = AnnotationRun(
      source: source, folder: folder,
      options: AnnotationRun.Options(
        jobs: jobs ?? Parallel.processors, drawsOverlays: overlay, overwrites: overwrite,
        isStrict: strict))
    let interruption = Interruption(
      saying: "\nstopping after the pictures at work; Ctrl-C again to stop at once\n")
    let bar = ProgressBar(total: inputs.count)
    let summary = try run(inputs, isStopped: { interruption.isRequested }) { input, outcome, so_far in
      if case .failed(let reason) = outcome {
        bar.finish()
        Console.message("failed: \(input.name): \(reason)")
      } else if outcome == .keptEdited {
        bar.finish()
        Console.message("kept: \(input.name): its map has been edited (--overwrite replaces it)")
      }
      let free = so_far.kept + so_far.edited
      bar.update(
        done: so_far.annotated + free + so_far.failed, kept: free, failed: so_far.failed)
    }
    bar.finish()
    try report(summary, folder: folder)
    if interruption.isRequested { throw ExitStatus.interrupted }
    if summary.failed > 0 { throw ExitStatus.someFailed }
  }

  private func report(_ summary: AnnotationRun.Summary, folder: AnnotationFolder) throws {
    if json { return try Console.json(summary) }
    var parts = ["\(summary.annotated) annotated"]
    if summary.kept > 0 { parts.append("\(summary.kept) kept as they were") }
    if summary.edited > 0 { parts.append("\(summary.edited) edited by a person and kept") }
    if summary.failed > 0 { parts.append("\(summary.failed) failed (see \(folder.failuresFile.relativePath))") }
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
    let listed = try AnnotationMerge.merge(merge.map { URL(fileURLWithPath: $0) }, into: folder)
    if json { return try Console.json(["listed": listed]) }
    print("\(folder.datasetFile.relativePath): \(listed) pictures")
  }
}

/// One part of the work: `I/N`.
struct Shard: ExpressibleByArgument {
  let index: Int
  let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(index)
    else { return nil }
    self.index = index
    self.count = count
  }

  /// Every `count`th of inputs in order, so that all shards have about the same work.
  func part<Element>(of all: [Element]) -> [Element] {
    all.enumerated().filter { $0.offset % count == index - 1 }.map(\.element)
  }
}
