import AtomicFiles
import Checkpoints
public import Foundation
public import Tensors

/// What a pipeline's YAML file says: for each stage its kind, its weights and its parameters.
public struct PipelineConfiguration: Sendable {
  /// The file's, without its ending.
  public let name: String
  /// The YAML file.
  public let file: URL
  /// A line for a person.
  public let description: String
  /// Said whenever the pipeline is used; nil where there is nothing to warn of.
  public let notice: String?
  /// How exactly its models' products are made: `precision: float32`, `bfloat16` or `auto`, which is the default.
  public var precision: Precision
  /// Stage 2.
  public private(set) var segmenter: SegmenterConfiguration
  /// The stages that answer questions; nil for a pipeline that only makes maps.
  public let answering: AnsweringConfiguration?
  /// The models that it has in the models folder, by their folders' names, sorted.
  public let models: [String]

  /// Those of ``models`` that its stages load, where some name several to choose from.
  public let modelsInUse: [String]

  /// Reads and checks a file.
  /// - Parameters:
  ///   - file: YAML; the pipeline is named after it, and its paths without `models:` are relative to its folder
  ///   - preferred: where a stage names several models, the one to take; nil for the first that is there
  /// - Throws: ``PipelineError`` naming the file, the line and the key.
  public init(reading file: URL, preferring preferred: String? = nil) throws {
    var top = try YAMLMapping(reading: file, preferring: preferred)
    name = file.deletingPathExtension().lastPathComponent
    self.file = file
    description = try top.string("description") ?? ""
    notice = try top.string("notice")
    precision = try top.choice("precision", Precision.self, default: .auto)
    var segmenter = try top.needed("segmenter")
    self.segmenter = try SegmenterConfiguration(&segmenter, relativeTo: file)
    answering = try AnsweringConfiguration(&top, relativeTo: file)
    func models(_ references: [String]) -> [String] {
      Set(references.compactMap { ModelsFolder.model(of: $0) }).sorted()
    }
    self.models = models(top.modelReferences)
    modelsInUse = models(top.chosenModelReferences)
    try top.finish()
  }

  /// The pipeline with its segmenter seeing squares of another side; nil where its kind takes no such side.
  /// - Precondition: `PanopticDetectorConfiguration.isSide(side)`
  public func segmenting(atSide side: Int) -> PipelineConfiguration? {
    guard case .crayonPanoptic(let weights, _) = segmenter else { return nil }
    var result = self
    result.segmenter = .crayonPanoptic(weights: weights, side: side)
    return result
  }
}

extension PipelineConfiguration {
  /// A file that answers depend on.
  public struct WeightsFile: Sendable, Encodable {
    /// Of the file.
    public let path: String
    /// In hexadecimal.
    public let sha256: String
  }

  /// The pipeline's own file and all files of its stages, with their hashes: what a report must name, so that its
  /// figures can be had again. Reads every byte.
  /// - Throws: where a file cannot be read
  public func weightsFiles() throws -> [WeightsFile] {
    var places = [file, segmenter.folder]
    if let answering { places += answering.places }
    var seen = Set<String>()
    let files = try places.filter { seen.insert($0.standardizedFileURL.path).inserted }.flatMap {
      place -> [URL] in
      let isFolder = try place.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
      guard isFolder else { return [place] }
      return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
        .filter {
          ["json", "model"].contains($0.pathExtension) || WeightFormat(of: $0.lastPathComponent) != nil
        }
        .sorted { $0.path < $1.path }
    }
    return try files.map { WeightsFile(path: $0.path, sha256: try FileDigest.sha256(of: $0)) }
  }
}

extension AnsweringConfiguration {
  /// The files and folders of its stages; what several have in one checkpoint comes with the language model.
  fileprivate var places: [URL] {
    var places: [URL] = []
    if case .file(let tables) = crayon.weights { places.append(tables) }
    switch vision.weights {
    case .folder(let tower, let connector): places += [tower, connector]
    case .checkpoint(_, let configuration): places.append(configuration)
    }
    switch language.weights {
    case .gguf(let model, let adapters, _): places += [model] + [adapters].compactMap { $0 }
    case .collavo(let folder), .nextChat(let folder): places.append(folder)
    }
    switch grounding {
    case .pix2emb(let heads):
      if case .file(let file, let features) = heads.weights { places += [file, features] }
    case .map(let sam): places += [sam].compactMap { $0 }
    case nil: break
    }
    return places
  }
}

extension SegmenterConfiguration {
  fileprivate var folder: URL {
    switch self {
    case .mask2Former(let settings): settings.weights
    case .crayonPanoptic(let weights, _), .bottomUp(let weights): weights
    }
  }
}

/// The stages of a pipeline from the map to the answer.
public struct AnsweringConfiguration: Sendable {
  /// Stage 3.
  public let crayon: CrayonConfiguration
  /// Stage 4.
  public let vision: VisionConfiguration
  /// Stage 5.
  public let fusion: FusionConfiguration
  /// Stage 6.
  public let language: LanguageConfiguration
  /// nil where the language model cannot point.
  public let grounding: GroundingConfiguration?

  /// nil where the file has none of these stages; some without the others is an error.
  init?(_ top: inout YAMLMapping, relativeTo file: URL) throws {
    guard top.hasAny(of: ["crayon", "vision", "fusion", "language", "grounding"]) else { return nil }
    var crayon = try top.needed("crayon")
    self.crayon = try CrayonConfiguration(&crayon, relativeTo: file)
    var vision = try top.needed("vision")
    self.vision = try VisionConfiguration(&vision, relativeTo: file)
    var fusion = try top.needed("fusion")
    self.fusion = try FusionConfiguration(&fusion)
    var language = try top.needed("language")
    self.language = try LanguageConfiguration(&language, relativeTo: file)
    if var grounding = try top.mapping("grounding") {
      self.grounding = try GroundingConfiguration(&grounding, relativeTo: file)
    } else {
      grounding = nil
    }
  }
}
