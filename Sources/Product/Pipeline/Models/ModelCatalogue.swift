public import Foundation

/// The models that crayon knows by name: which files they are, and how they are had.
public struct ModelCatalogue: Sendable {
  /// One model in the models folder.
  public struct Entry: Sendable, Equatable {
    /// Its folder.
    public let name: String
    public let description: String
    /// What must be there, relative to the folder: of each line one file.
    public let files: [[String]]
    /// SHA-256 of files whose bytes are known.
    public let digests: [String: String]
    /// What to do to get it.
    public let source: String

    /// The first file, relative to the models folder.
    public var mainFile: String { name + "/" + (files.first?.first ?? "") }
  }

  public static let smolLM2 = Entry(
    name: "SmolLM2-135M-Instruct", description: "the language base of the pocket pipeline, Q4_1",
    files: [["SmolLM2-135M-Instruct.Q4_1.gguf"]],
    digests: [
      "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    ],
    source: "make models")

  public static let all =
    [smolLM2]
    + ["tiny", "small", "base", "large"].map { size in
      Entry(
        name: "mask2former-swin-\(size)-coco-panoptic", description: "a segmenter, as published",
        files: [
          ["config.json"], ["preprocessor_config.json"], ["model.safetensors", "pytorch_model.bin"],
        ],
        digests: [:], source: "download facebook/mask2former-swin-\(size)-coco-panoptic from the hub")
    }
}

extension ModelCatalogue.Entry {
  /// What is in the models folder of a model.
  public enum State: Sendable, Equatable {
    case absent
    case incomplete(missing: [String])
    case present(bytes: Int)
  }

  public func url(in folder: URL) -> URL { folder.appendingPathComponent(name) }

  /// Looks at names and sizes only.
  public func state(in folder: URL) -> State {
    let root = url(in: folder)
    func size(_ file: String) -> Int? {
      let path = root.appendingPathComponent(file).resolvingSymlinksInPath().path
      return (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
    let missing = files.filter { $0.allSatisfy { size($0) == nil } }.map { $0.joined(separator: " or ") }
    if missing.count == files.count { return .absent }
    guard missing.isEmpty else { return .incomplete(missing: missing) }
    return .present(bytes: files.flatMap { $0 }.compactMap(size).reduce(0, +))
  }

  /// Files whose bytes are not those that are known.
  public func damagedFiles(in folder: URL) throws -> [String] {
    try digests.sorted { $0.key < $1.key }.compactMap { name, digest in
      try FileDigest.sha256(of: url(in: folder).appendingPathComponent(name)) == digest ? nil : name
    }
  }
}
