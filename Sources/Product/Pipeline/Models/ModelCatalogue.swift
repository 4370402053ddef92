import Checkpoints
import CrayonCore
public import Foundation

/// The models that crayon knows by name: which files they are, and how they are had.
public struct ModelCatalogue: Sendable {
  /// One model in the models folder.
  public struct Entry: Sendable, Equatable {
    /// Its folder.
    public let name: String
    /// For a person.
    public let description: String
    /// What must be there, relative to the folder: of each line one file.
    public let files: [[String]]
    /// What comes with them where it is there, and decides ids of tokens.
    public let companions: [String]
    /// Files whose bytes are known.
    public let digests: [String: Pin]
    /// Where its files come from.
    public let source: Source

    /// The first file, relative to the models folder.
    public var mainFile: String { name + "/" + (files.first?.first ?? "") }

    /// Whether more belongs to it than configurations.
    public var hasWeights: Bool { files.contains { !$0.allSatisfy { $0.hasSuffix("config.json") } } }
  }

  /// The bytes that a file must have.
  public struct Pin: Sendable, Equatable {
    /// nil where only their hash is known.
    public let bytes: Int?
    /// SHA-256 in hexadecimal, or the beginning of it that is known.
    public let sha256: String

    init(_ sha256: String, bytes: Int? = nil) {
      self.sha256 = sha256
      self.bytes = bytes
    }

    /// Whether a file is the one that is meant.
    public func matches(bytes: Int, sha256: String) -> Bool {
      sha256.hasPrefix(self.sha256) && bytes == self.bytes ?? bytes
    }
  }

  /// How a model is had.
  public enum Source: Sendable, Equatable {
    /// By this project's Makefile.
    case make
    /// From a repository of the hub, as `owner/name`.
    case hub(String)
  }

  /// The language base of pocket.
  public static let smolLM2 = Entry(
    name: "SmolLM2-135M-Instruct", description: "the language base of the pocket pipeline, Q4_1",
    files: [["SmolLM2-135M-Instruct.Q4_1.gguf"]], companions: [],
    digests: [
      "SmolLM2-135M-Instruct.Q4_1.gguf": Pin("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    ],
    source: .make)

  /// What says how a `tokenizer.model` is used.
  private static let tokenizerNotes = ["tokenizer_config.json", "added_tokens.json"]

  /// - Parameter suffix: of the folder's name, where it does not hold the whole model
  private static func published(
    _ repository: String, suffix: String = "", _ description: String, _ files: [[String]],
    companions: [String] = [], digests: [String: Pin] = [:]
  ) -> Entry {
    let name = repository.split(separator: "/").last.map(String.init) ?? repository
    return Entry(
      name: name + suffix, description: description, files: files, companions: companions, digests: digests,
      source: .hub(repository))
  }

  /// The model of a name, or of a repository.
  public static func entry(_ name: String) -> Entry? {
    all.first { $0.name == name } ?? all.first { $0.source == .hub(name) }
  }

  /// The model that pipelines mean by a folder of the models folder: it, or what `models quantize` makes of it.
  public static func meant(byFolder name: String) -> Entry? {
    all.first { entry in name == entry.name || ["-nf4", "-q8"].contains { name == entry.name + $0 } }
  }

  /// Every model that a shipped pipeline names.
  public static let all =
    [smolLM2]
    + ["tiny", "small", "base", "large"].map { size in
      published(
        "facebook/mask2former-swin-\(size)-coco-panoptic", "a segmenter, as published",
        [["config.json"], ["preprocessor_config.json"], Checkpoint.fileNames],
        digests: size == "tiny" ? ["model.safetensors": Pin("8e154c4f", bytes: 190_052_872)] : [:])
    } + [
      published(
        "BK-Lee/CoLLaVO-7B", "CoLLaVO's language model, vision tower and crayon tables, as published",
        [["config.json"], ["tokenizer.model"], Checkpoint.fileNames], companions: tokenizerNotes),
      published(
        "AoZhang/nextchat-7b-336", "NExT-Chat's language model, vision tower, heads and SAM, as published",
        [["config.json"], ["tokenizer.model"], Checkpoint.fileNames], companions: tokenizerNotes),
      published(
        "facebook/sam-vit-huge", "SAM, which draws masks",
        [["config.json"], ["preprocessor_config.json"], Checkpoint.fileNames],
        digests: [
          "model.safetensors": Pin(
            "edfb0462392541fca9af44ff039bfb32dbd0c939997f3abb77a26e23af7afd7c", bytes: 2_564_432_288),
          "pytorch_model.bin": Pin("9a14fd58", bytes: 2_564_565_013),
        ]),
      published(
        "openai/clip-vit-large-patch14-336", "a vision tower (kind: clip), as published",
        [["config.json"], ["preprocessor_config.json"], Checkpoint.fileNames],
        digests: [
          "pytorch_model.bin": Pin(
            "c6032c2e0caae3dc2d4fba35535fa6307dbb49df59c7e182b1bc4b3329b81801", bytes: 1_711_974_081)
        ]),
      // The weights are in CoLLaVO's and NExT-Chat's checkpoints, made from it.
      published(
        "openai/clip-vit-large-patch14-336", suffix: "-config",
        "the sizes of CoLLaVO's and NExT-Chat's vision towers",
        [["config.json"]]),
    ]

  /// What a person does to get what is missing at a path, as half a sentence.
  /// - Parameter pipeline: that needs it
  static func remedy(for url: URL, pipeline: String) -> String {
    let (root, path) = (ModelsFolder.url.standardizedFileURL.path + "/", url.standardizedFileURL.path)
    let entry = all.first { path == root + $0.name || path.hasPrefix(root + $0.name + "/") }
    guard let entry else { return "crayon models list says how models are had" }
    let name = PipelineLibrary.names().contains(pipeline) ? pipeline : entry.name
    return "get it with: \(entry.source.command(for: name))"
  }
}

extension ModelCatalogue.Source {
  /// The command that gets a model.
  public func command(for name: String) -> String {
    switch self {
    case .make: "make models"
    case .hub: "crayon models pull \(name)"
    }
  }
}

extension ModelCatalogue.Entry {
  /// What is in the models folder of a model.
  public enum State: Sendable, Equatable {
    case absent
    case incomplete(missing: [String])
    case present(bytes: Int)
  }

  /// Where it is in a models folder.
  public func url(in folder: URL) -> URL { folder.appendingPathComponent(name) }

  /// Looks at names and sizes only.
  public func state(in folder: URL) -> State {
    let root = url(in: folder)
    func size(_ file: String) -> Int? {
      let path = root.appendingPathComponent(file).resolvingSymlinksInPath().path
      return (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
    let there = Set((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? [])
    let missing = missing(from: there, in: root)
    if files.allSatisfy({ group in !group.contains(where: there.contains) }) { return .absent }
    guard missing.isEmpty else { return .incomplete(missing: missing) }
    return .present(bytes: there.filter { !$0.hasPrefix(".") }.compactMap(size).reduce(0, +))
  }

  /// What a folder lacks of the model: files, and parts that an index lists.
  /// - Parameters:
  ///   - names: the files that are there
  ///   - root: where an index is read
  public func missing(from names: Set<String>, in root: URL) -> [String] {
    files.flatMap { group -> [String] in
      guard let found = group.first(where: names.contains) else { return [group.joined(separator: " or ")] }
      guard found.hasSuffix(Checkpoint.indexSuffix) else { return [] }
      let index = try? Checkpoint.parts(listedIn: root.appendingPathComponent(found))
      return (index ?? []).filter { !names.contains($0) }
    }
  }

  /// Files that are there, and whose bytes are not those that are known.
  public func damagedFiles(in folder: URL) throws -> [String] {
    try digests.sorted { $0.key < $1.key }.compactMap { name, pin in
      let file = url(in: folder).appendingPathComponent(name).resolvingSymlinksInPath()
      guard let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int else {
        return nil
      }
      return pin.matches(bytes: size, sha256: try FileDigest.sha256(of: file)) ? nil : name
    }
  }
}

/// Where weights are kept that are too large for the project.
public enum ModelsFolder {
  /// `CRAYON_MODELS`, else `$XDG_DATA_HOME/crayon/models`, else `~/.local/share/crayon/models`.
  public static var url: URL {
    if let elsewhere { return elsewhere }
    if let path = variable("CRAYON_MODELS") { return URL(fileURLWithPath: path) }
    return DataFolder.url.appendingPathComponent("models")
  }

  /// Another folder, for as long as something is checked there.
  @TaskLocal static var elsewhere: URL?

  /// How pipelines' files begin a path in the models folder.
  static let prefix = "models:"

  /// The folder of a reference such as `models:NAME/file`, or nil.
  static func model(of reference: String) -> String? {
    guard reference.hasPrefix(prefix) else { return nil }
    return reference.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
  }

  /// A path as pipelines write it: `models:NAME` in the models folder, else relative to the pipeline's file.
  static func resolve(_ path: String, relativeTo file: URL) -> URL {
    if path.hasPrefix(prefix) { return url.appendingPathComponent(String(path.dropFirst(prefix.count))) }
    return URL(fileURLWithPath: path, relativeTo: file.deletingLastPathComponent()).standardizedFileURL
  }
}

/// `$XDG_DATA_HOME/crayon`, else `~/.local/share/crayon`.
enum DataFolder {
  static var url: URL {
    if let path = variable("XDG_DATA_HOME") {
      return URL(fileURLWithPath: path).appendingPathComponent("crayon")
    }
    return HomeFolder.url.appendingPathComponent(".local/share/crayon")
  }
}

/// nil where the environment variable is not set, or empty.
func variable(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}
