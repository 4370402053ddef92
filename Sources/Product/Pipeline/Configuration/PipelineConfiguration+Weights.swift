import Foundation

extension PipelineConfiguration {
  /// A file that answers depend on.
  public struct WeightsFile: Sendable, Encodable {
    public let path: String
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
        .filter { ["json", "safetensors", "bin", "pth", "gguf", "model"].contains($0.pathExtension) }
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
