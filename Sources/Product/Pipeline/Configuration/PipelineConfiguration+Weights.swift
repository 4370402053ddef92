public import Foundation

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
    if let answering {
      places += [
        answering.crayon.weights, answering.vision.weights, answering.vision.connector, answering.language.weights,
      ]
      places += [answering.language.adapters, answering.grounding?.weights, answering.grounding?.features]
        .compactMap { $0 }
    }
    var seen = Set<String>()
    let files = try places.filter { seen.insert($0.standardizedFileURL.path).inserted }.flatMap { place -> [URL] in
      let isFolder = try place.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
      guard isFolder else { return [place] }
      return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
        .filter { ["json", "safetensors", "bin", "pth", "gguf", "model"].contains($0.pathExtension) }
        .sorted { $0.path < $1.path }
    }
    return try files.map { WeightsFile(path: $0.path, sha256: try FileDigest.sha256(of: $0)) }
  }
}

extension SegmenterConfiguration {
  fileprivate var folder: URL {
    switch self {
    case .mask2Former(let settings): settings.weights
    case .bottomUp(let weights): weights
    }
  }
}
