import ArgumentParser
import AtomicFiles
import Checkpoints
import Foundation
import Hub
import Pipeline
import Terminal

struct ModelsImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take a model that is on this machine already into the models folder.",
    discussion: """
      FOLDER is a folder with config.json and weights, or models--OWNER--NAME of the cache of the hub's own tools.
      Files are linked and not copied, so they take no room twice. Folders in it are named and not taken.

      Examples:
        crayon models import ~/.cache/huggingface/hub/models--BK-Lee--CoLLaVO-7B
        crayon models import downloads/collavo --name CoLLaVO-7B
      """)

  @Argument(help: "Where the model is.", completion: .directory)
  var folder: String

  @Option(
    help: "What it is called in the models folder (default: as the model that it is, else as its folder).")
  var name: String?

  @Option(help: "Of a cache: a branch or a commit.")
  var revision = "main"

  @Flag(help: "Copy the files.")
  var copy = false

  func run() throws {
    try ExitStatus.reporting {
      let source = URL(fileURLWithPath: folder)
      guard FileManager.default.fileExists(atPath: source.path) else {
        Console.message("error: there is no folder \(source.path)")
        throw ExitStatus.wrongUsage
      }
      let model = try ModelImport(source, revision: revision)
      let entry = ModelCatalogue.all.first { entry in
        if let name { return entry.name == name }
        if let cache = model.cache { return entry.source == .hub(cache.repository.description) }
        return entry.name == source.lastPathComponent
      }
      let called =
        name ?? entry?.name ?? model.cache?.repository.name ?? source.standardizedFileURL.lastPathComponent
      guard !called.contains("/"), !called.hasPrefix("."), !called.isEmpty else {
        Console.message("error: a model's name is one plain word: --name")
        throw ExitStatus.wrongUsage
      }
      let target = ModelsFolder.url.appendingPathComponent(called)
      guard !FileManager.default.fileExists(atPath: target.path) else {
        Console.message("error: \(target.path) exists already")
        throw ExitStatus.wrongUsage
      }
      let files = try model.files()
      if let entry {
        let missing = entry.missing(from: Set(files), in: model.source)
        guard missing.isEmpty else {
          throw PipelineError.incompleteModel(folder: model.source.path, model: entry.name, missing: missing)
        }
      }
      let isModel = files.contains { WeightFormat(of: $0) != nil }
      guard isModel || entry?.hasWeights == false else {
        throw PipelineError.noWeights(folder: model.source.path)
      }
      var ways: [String: ModelImport.Way] = [:]
      try NewFolder.make(target) { ways = try model.run(files, into: $0, copies: copy) }
      let counts = Dictionary(grouping: ways.values, by: { $0 }).mapValues(\.count)
      var summary = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($1) \($0.rawValue)" }
      let folders = model.folders
      if !folders.isEmpty {
        summary.append("\(folders.count) folder\(folders.count == 1 ? "" : "s") passed over")
      }
      print("\(target.path): \(files.count) files, \(summary.joined(separator: ", "))")
      Console.list(
        "passed over in \(model.source.path), as a model's files lie in one folder (one that is a model is imported by "
          + "itself)", folders)
    }
  }
}
