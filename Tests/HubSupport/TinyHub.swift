public import Foundation
public import TestSupport

/// The repositories of `collavo-7b`, `nextchat-7b` and of two published segmenters on a server of this machine, each with a
/// tiny model in the published layout; and what the program needs to find them.
public final class TinyHub {
  public let server: HubServer
  public let folder: TemporaryFolder

  public static let models = [
    PublishedModel(
      "BK-Lee/CoLLaVO-7B",
      large: files(
        "CoLLaVO",
        ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "tokenizer.model"]),
      small: files("CoLLaVO", ["config.json", "model.safetensors.index.json", "tokenizer_config.json"])),
    PublishedModel(
      "AoZhang/nextchat-7b-336",
      large: files("NExTChat", (1...4).map { "pytorch_model-0000\($0)-of-00004.bin" } + ["tokenizer.model"]),
      small: files(
        "NExTChat",
        ["config.json", "pytorch_model.bin.index.json", "tokenizer_config.json", "added_tokens.json"])),
    PublishedModel(
      "facebook/mask2former-swin-large-coco-panoptic",
      large: files("2-Panoptic/mask2former-large", ["model.safetensors"]),
      small: files("2-Panoptic/mask2former-large", ["config.json", "preprocessor_config.json"])),
    PublishedModel(
      "openai/clip-vit-large-patch14-336", large: ["pytorch_model.bin": Data(count: 1000)],
      small: files("CoLLaVO/vision", ["config.json"])),
    PublishedModel(
      "facebook/mask2former-swin-tiny-coco-panoptic",
      large: files("2-Panoptic/mask2former-tiny", ["model.safetensors"]),
      small: files("2-Panoptic/mask2former-tiny", ["config.json", "preprocessor_config.json"])),
  ]

  /// The CLIP that NExT-Chat's tiny model is made from is another one.
  public static let nextChatCLIP = PublishedModel(
    "openai/clip-vit-large-patch14-336", small: files("NExTChat/vision", ["config.json"]))

  public static func files(_ folder: String, _ names: [String]) -> [String: Data] {
    Dictionary(
      names.map { name in
        let file = Fixtures.folder.appendingPathComponent(folder).appendingPathComponent(name)
        return (name, (try? Data(contentsOf: file)) ?? Data())
      }, uniquingKeysWith: { first, _ in first })
  }

  /// - Parameters:
  ///   - others: repositories in place of those of the same name, or beside them
  ///   - change: what the server does to an answer
  public init(
    others: [PublishedModel] = [],
    _ change: @escaping @Sendable (HubServer.Request, HubServer.Answer) -> HubServer.Answer = { $1 }
  ) async throws {
    folder = try TemporaryFolder()
    server = try await HubServer { request, _ in
      let model = (others + Self.models).first { model in
        request.path.contains("/\(model.repository)/")
          || model.large.keys.contains { request.path == "/elsewhere/\(model.repository)/\($0)" }
      }
      return change(request, model?.answer(request) ?? .init(status: .notFound))
    }
    try FileManager.default.createDirectory(at: pipelines, withIntermediateDirectories: true)
    for name in ["collavo-7b", "collavo-7b-evaluation", "nextchat-7b"] {
      let file = CrayonProcess.repository.appendingPathComponent("Pipelines/\(name).yaml")
      var text = try String(contentsOf: file, encoding: .utf8)
      for (old, new) in [
        ("squash: 490", "squash: 70"), ("decided_at: 35", "decided_at: 5"), ("grid: 35", "grid: 5"),
        ("size: 490", "size: 70"), ("grid: 24", "grid: 3"), ("size: 336", "size: 42"),
      ] { text = text.replacingOccurrences(of: old, with: new) }
      // What is compared with the reference is: some processors round to bfloat16 where a file does not say.
      text += "\nprecision: float32\n"
      try Data(text.utf8).write(to: pipelines.appendingPathComponent("\(name).yaml"))
    }
  }

  public var models: URL { folder.file("models") }
  public var pipelines: URL { folder.file("pipelines") }

  /// - Parameter overriding: further variables
  public func environment(_ overriding: [String: String] = [:]) -> [String: String] {
    [
      "HF_ENDPOINT": server.address, "HF_TOKEN": "", "HF_TOKEN_PATH": "", "HF_HUB_OFFLINE": "",
      "HF_HOME": folder.file("hub").path,
      "CRAYON_MODELS": models.path, "CRAYON_PIPELINES": pipelines.path,
      "XDG_CACHE_HOME": folder.file("cache").path,
    ].merging(overriding) { $1 }
  }

  public func run(_ arguments: String..., environment: [String: String] = [:]) throws -> CrayonProcess.Result {
    try CrayonProcess.run(arguments, environment: self.environment(environment))
  }

  public func names(_ model: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: models.appendingPathComponent(model).path).sorted()
  }
}
