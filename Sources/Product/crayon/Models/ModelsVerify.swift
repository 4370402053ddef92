import ArgumentParser
import Checkpoints
import CrayonCore
import Foundation
import Hub
import Panoptic
import Pipeline
import Terminal

struct ModelsVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check models that are there: whole, unchanged, every value a number.",
    discussion: """
      Of a model, every file is held against its hash, where that is known, and every value is read. Of a pipeline, that
      is done for all its models, and then it is loaded, which accounts for every tensor. Exit status 3 where something
      is missing or damaged.

      Examples:
        crayon models verify SmolLM2-135M-Instruct
        crayon models verify collavo-7b
      """)

  @Argument(help: "Models or pipelines (default: all models that are there).")
  var names: [String] = []

  func run() throws {
    try ExitStatus.reporting {
      var isBad = false
      func check(_ name: String, _ body: () throws -> String) {
        do {
          print("\(name): \(try body())")
        } catch {
          Console.message("error: \(name): \(error)")
          isBad = true
        }
      }
      let models = names.isEmpty ? Self.present() : names
      if models.isEmpty {
        Console.message("error: there are no models in \(ModelsFolder.url.path)")
        throw ExitStatus.badModel
      }
      for name in models {
        // Whatever lies in the models folder is meant to be one.
        if names.isEmpty || Self.isModel(name) {
          check(name) { try Self.verify(name) }
          continue
        }
        let pipeline = try PipelineLibrary.pipeline(name)
        for model in pipeline.modelsInUse { check(model) { try Self.verify(model) } }
        check(name) {
          let network = try Pipeline.loadAll(of: pipeline)
          return "every tensor is accounted for; \(network.categories.categories.count) categories"
        }
      }
      if isBad { throw ExitStatus.badModel }
    }
  }

  /// The models that are in the models folder.
  private static func present() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: ModelsFolder.url.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Whether a name is a model's, and no pipeline's.
  private static func isModel(_ name: String) -> Bool {
    ModelCatalogue.all.contains { $0.name == name }
      || !name.contains("/")
        && FileManager.default.fileExists(atPath: ModelsFolder.url.appendingPathComponent(name).path)
  }

  /// - Returns: what has been found to be right
  private static func verify(_ name: String) throws -> String {
    let folder = ModelsFolder.url.appendingPathComponent(name)
    let entry = ModelCatalogue.all.first { $0.name == name }
    let remedy = entry.map { $0.source.command(for: name) } ?? "make it anew"
    if let entry {
      switch entry.state(in: ModelsFolder.url) {
      case .absent: throw Damage.missing(folder: folder.path, files: [], remedy: remedy)
      case .incomplete(let files): throw Damage.missing(folder: folder.path, files: files, remedy: remedy)
      case .present: break
      }
    }
    let receipt = try HubReceipt(folder: folder)
    let damaged =
      // A person may have asked for another revision than the one that is known.
      try receipt?.damagedFiles(in: folder) ?? entry?.damagedFiles(in: ModelsFolder.url) ?? []
    guard damaged.isEmpty else { throw Damage.changed(files: damaged, remedy: remedy) }
    if let receipt, case let strangers = receipt.strangers(in: folder), !strangers.isEmpty {
      throw Damage.strange(
        folder: folder.path, files: strangers, source: "\(receipt.repository) at \(receipt.commit.prefix(12))")
    }
    let weights = try weights(in: folder)
    let wholeFiles = try ggufFiles(in: folder)
    // A few models are a configuration alone; any other without weights is none, whatever its receipt says.
    guard weights != nil || !wholeFiles.isEmpty || entry?.hasWeights == false else {
      throw Damage.noWeights(folder: folder.path, remedy: remedy)
    }
    var findings: [String] = []
    if let receipt {
      findings.append("whole, by hash, \(receipt.repository) at \(receipt.commit.prefix(12))")
    } else {
      findings.append(entry?.digests.isEmpty == false ? "whole, by SHA-256" : "all files are there")
    }
    for file in wholeFiles {
      let content = try GGUFFile(file)
      guard !content.entries.isEmpty else { throw CheckpointError.noTensors(path: file.path) }
      try content.requireFinite()
      findings.append("\(file.lastPathComponent) with \(content.entries.count) tensors, every value a number")
    }
    if let checkpoint = weights {
      guard !checkpoint.entries.isEmpty else { throw CheckpointError.noTensors(path: checkpoint.path) }
      let bar = ProgressBar(total: checkpoint.entries.reduce(0) { $0 + $1.range.count }, in: .bytes)
      defer { bar.finish() }
      try checkpoint.requireFinite { bar.update(done: $0) }
      findings.append("\(checkpoint.entries.count) tensors, every value a number")
      if let family = ModelFamily(checkpoint) {
        let configuration = folder.appendingPathComponent("config.json")
        guard let data = FileManager.default.contents(atPath: configuration.path) else {
          throw Damage.missing(folder: folder.path, files: ["config.json"], remedy: remedy)
        }
        guard (try? JSONSerialization.jsonObject(with: data)) is [String: Any] else {
          throw ConfigurationError.unreadable(file: configuration.path, reason: JSONFault.reason(data))
        }
        findings.append(family.rawValue)
      }
    }
    return findings.joined(separator: "; ")
  }

  /// nil for a model that is no checkpoint: one file of GGUF, or a configuration alone.
  private static func weights(in folder: URL) throws -> Checkpoint? {
    do {
      return try Checkpoint(folder: folder)
    } catch CheckpointError.noWeights {
      return nil
    }
  }

  /// - Throws: `CheckpointError` where one cannot be read
  private static func ggufFiles(in folder: URL) throws -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { WeightFormat(of: $0) == .gguf }.sorted().map(folder.appendingPathComponent)
  }

  private enum Damage: Error, CustomStringConvertible {
    case noWeights(folder: String, remedy: String)
    case missing(folder: String, files: [String], remedy: String)
    case changed(files: [String], remedy: String)
    case strange(folder: String, files: [String], source: String)

    var description: String {
      switch self {
      case .noWeights(let folder, let remedy):
        FileManager.default.fileExists(atPath: folder)
          ? "\(folder) holds no weights; delete it, then: \(remedy)"
          : "there is no \(folder); get it with: \(remedy)"
      case .missing(let folder, let files, let remedy):
        files.isEmpty
          ? "there is no \(folder); get it with: \(remedy)"
          : "\(folder) lacks \(files.joined(separator: ", ")); get what is missing with: \(remedy)"
      case .changed(let files, let remedy):
        "\(files.joined(separator: ", ")) is damaged; delete it, then: \(remedy)"
      case .strange(let folder, let files, let source):
        "\(folder) holds \(files.joined(separator: ", ")), which did not come with \(source) and would be read as a "
          + "part of it; take it away"
      }
    }
  }
}
