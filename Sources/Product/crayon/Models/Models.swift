public import ArgumentParser
import AtomicFiles
import Foundation
public import Hub
import Pipeline
public import Terminal

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The models folder: what is there, how it is had, and whether it is whole.",
    discussion: "It is $CRAYON_MODELS, else ~/.local/share/crayon/models.",
    subcommands: [
      ModelsList.self, ModelsCheck.self, ModelsPull.self, ModelsImport.self, ModelsQuantize.self,
      ModelsVerify.self,
    ])
}

extension HubError: EndingProgram {
  /// Wrong usage where what the environment says cannot be done, or the repository that was named is none; else a model
  /// that is not to be had.
  public var exitStatus: ExitCode {
    switch self {
    case .offline, .badEndpoint, .badProxy, .badToken, .unreadableToken, .badRepository, .noRevision,
      .anotherRepository, .takenName:
      ExitStatus.wrongUsage
    default: ExitStatus.badModel
    }
  }
}

struct ModelsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The models that crayon knows, and which of them are there.",
    discussion: "Example:\n  crayon models list")

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    try ExitStatus.reporting {
      let folder = ModelsFolder.url
      let rows = ModelCatalogue.all.map { Row($0) }
      if json { return try Console.json(["models": rows]) }
      print(folder.path)
      for row in rows { print("  \(row.name): \(row.state)\n    \(row.description); \(row.source)") }
    }
  }

  private struct Row: Encodable {
    var name: String
    var description: String
    var state: String
    var source: String
    var megabytes: Double?

    init(_ entry: ModelCatalogue.Entry) {
      name = entry.name
      description = entry.description
      source = entry.source.command(for: entry.name)
      switch entry.state(in: ModelsFolder.url) {
      case .absent: state = "not there"
      case .incomplete(let missing): state = "incomplete, lacks \(missing.joined(separator: ", "))"
      case .present(let bytes):
        megabytes = Double(bytes) / 1e6
        state = "there, \(Console.bytes(bytes))"
      }
    }
  }
}

/// What a name on the command line stands for: a pipeline's models, one model, or a repository.
enum ModelTarget {
  /// Models of the catalogue.
  case known([ModelCatalogue.Entry])
  case repository(HubRepository)

  /// - Throws: `PipelineError` or `HubError`
  init(_ name: String) throws {
    if let entry = ModelCatalogue.entry(name) {
      self = .known([entry])
    } else if Self.pipeline(name) != nil {
      let models = try PipelineLibrary.pipeline(name).models
      self = .known(ModelCatalogue.all.filter { models.contains($0.name) })
    } else if name.contains("/") {
      self = .repository(try HubRepository(name))
    } else {
      throw PipelineError.unknownModel(
        name, known: PipelineLibrary.names() + ModelCatalogue.all.map(\.name) + ["owner/name on the hub"])
    }
  }

  /// The pipeline that a name stands for; nil where it stands for none.
  static func pipeline(_ name: String) -> String? {
    guard ModelCatalogue.entry(name) == nil else { return nil }
    return name.hasSuffix(".yaml") || PipelineLibrary.names().contains(name) ? name : nil
  }

  /// What is fetched for it, and where to.
  /// - Parameters:
  ///   - revision: of what holds weights; a configuration that is fetched beside them is of another repository
  ///   - fetchesAll: everything that the repositories hold
  /// - Throws: `HubError.takenName`
  func orders(revision: String, fetchesAll: Bool) throws -> [HubPull.Order] {
    func order(
      _ repository: HubRepository, _ selection: HubSelection, _ name: String, revision: String
    ) -> HubPull.Order {
      HubPull.Order(
        repository: repository, revision: revision, selection: fetchesAll ? .all : selection,
        folder: ModelsFolder.url.appendingPathComponent(name))
    }
    switch self {
    case .repository(let repository):
      if let known = ModelCatalogue.meant(byFolder: repository.name) {
        throw HubError.takenName(repository, of: known.name)
      }
      return [order(repository, .model, repository.name, revision: revision)]
    case .known(let entries):
      return try entries.compactMap { entry in
        guard case .hub(let repository) = entry.source else { return nil }
        return order(
          try HubRepository(repository), .named(entry.files, also: entry.companions), entry.name,
          revision: entry.hasWeights ? revision : "main")
      }
    }
  }

  /// Models that a pipeline names, that are not there, and that come from nowhere that is known.
  static func unknownModels(of name: String) throws -> [String] {
    guard let pipeline = pipeline(name) else { return [] }
    return try PipelineLibrary.pipeline(pipeline).modelsInUse.filter { model in
      ModelCatalogue.meant(byFolder: model) == nil
        && !FileManager.default.fileExists(atPath: ModelsFolder.url.appendingPathComponent(model).path)
    }
  }

  /// Models that do not come from the hub, and are not there.
  var missingFromElsewhere: [ModelCatalogue.Entry] {
    guard case .known(let entries) = self else { return [] }
    return entries.filter { entry in
      guard case .make = entry.source else { return false }
      if case .present = entry.state(in: ModelsFolder.url) { return false }
      return true
    }
  }
}
