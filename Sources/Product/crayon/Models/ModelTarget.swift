import Foundation
import Hub
import Pipeline

/// What a name on the command line stands for: a pipeline's models, one model, or a repository.
enum ModelTarget {
  /// Models of the catalogue.
  case known([ModelCatalogue.Entry])
  case repository(HubRepository)

  /// - Throws: ``PipelineError`` or `HubError`
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
  /// - Parameter fetchesAll: everything that the repositories hold
  func orders(revision: String, fetchesAll: Bool) throws -> [HubPull.Order] {
    func order(_ repository: HubRepository, _ selection: HubSelection, _ name: String) -> HubPull.Order {
      HubPull.Order(
        repository: repository, revision: revision, selection: fetchesAll ? .all : selection,
        folder: ModelsFolder.url.appendingPathComponent(name))
    }
    switch self {
    case .repository(let repository): return [order(repository, .model, repository.name)]
    case .known(let entries):
      return try entries.compactMap { entry in
        guard case .hub(let repository) = entry.source else { return nil }
        return order(try HubRepository(repository), .named(entry.files, also: entry.companions), entry.name)
      }
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
