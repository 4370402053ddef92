import Checkpoints
import Foundation
import HubTestSupport
import Tensors
import TestSupport
import Testing

/// `crayon models check` of repositories on a server of this machine, of many layouts: would the program load them?
@Suite struct ModelsCheckCommandTests {
  struct Report: Decodable {
    struct Model: Decodable {
      struct Tensor: Decodable {
        var name: String
        var verdict: String
        var wanted: [Int]?
        var reason: String?
      }
      var repository: String
      var family: String?
      var loads: Bool
      var bytesRead: Int
      var faults: [String]
      var tensors: [Tensor]
    }
    var models: [Model]
  }

  static let collavo = "BK-Lee/CoLLaVO-7B"
  static let nextChat = "AoZhang/nextchat-7b-336"

  static func published(_ repository: String) -> PublishedModel {
    TinyHub.models.first { $0.repository == repository } ?? PublishedModel()
  }

  /// A model in one safetensors file, changed.
  static func model(
    _ repository: String, as name: String? = nil, _ change: (inout SafetensorsWriter, Checkpoint) throws -> Void
  ) throws -> PublishedModel {
    let folder = try TemporaryFolder()
    var model = published(repository)
    for (path, data) in model.large.merging(model.small, uniquingKeysWith: { $1 }) {
      try data.write(to: folder.file(path))
    }
    let checkpoint = try Checkpoint(folder: folder.url)
    var writer = SafetensorsWriter()
    for entry in checkpoint.entries { writer[entry.name] = .stored(entry) }
    try change(&writer, checkpoint)
    try writer.write(to: folder.file("one.safetensors"))
    for path in model.large.keys where path != "tokenizer.model" { model.large[path] = nil }
    for path in model.small.keys where path.hasSuffix(".index.json") { model.small[path] = nil }
    model.large["model.safetensors"] = try Data(contentsOf: folder.file("one.safetensors"))
    model.repository = name ?? repository
    return model
  }

  static func changed(_ repository: String, _ file: String, _ old: String, _ new: String) throws
    -> PublishedModel
  {
    var model = published(repository)
    let text = String(decoding: try #require(model.small[file]), as: UTF8.self)
    try #require(text.contains(old))
    model.small[file] = Data(text.replacingOccurrences(of: old, with: new).utf8)
    return model
  }

  /// - Parameter models: in place of the published ones, or beside them
  static func check(_ name: String, _ models: PublishedModel...) async throws -> Report.Model {
    let hub = try await TinyHub(others: models + (name.contains("nextchat") ? [TinyHub.nextChatCLIP] : []))
    let result = try hub.run("models", "check", name, "--json")
    let weights = hub.server.requests.filter { request in
      [".safetensors", ".bin"].contains(where: request.path.hasSuffix) && request.path.contains("/elsewhere/")
    }
    // Parts of weight files alone; small ones are a part in all.
    #expect(weights.allSatisfy { $0.end != nil || $0.offset > 0 || $0.headers["range"].isEmpty })
    try await hub.server.stop()
    #expect(!FileManager.default.fileExists(atPath: hub.models.path))
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect((result.status == 0) == report.models.allSatisfy(\.loads), "\(result.errors)")
    #expect([0, 3].contains(result.status))
    return try #require(report.models.last)
  }

  static func bad(_ model: Report.Model) -> [String] {
    model.tensors.filter { !["fits", "not needed"].contains($0.verdict) }.map {
      "\($0.name) \($0.verdict)" + ($0.wanted.map { " \($0)" } ?? "")
    }
  }

  /// As they lie on the hub: in parts of safetensors, and in parts of old torch files with buffers and a tower inside.
  @Test(arguments: [("collavo-7b", "CoLLaVO"), ("nextchat-7b", "NExT-Chat")])
  func publishedLayouts(pipeline: String, family: String) async throws {
    let model = try await Self.check(pipeline)
    #expect(model.loads && model.family == family, "\(model.faults) \(Self.bad(model))")
    #expect(model.tensors.count > 50)
    if family == "NExT-Chat" {
      let passed = model.tensors.filter { $0.verdict == "not needed" }
      #expect(
        passed.contains { $0.name.hasSuffix("rotary_emb.inv_freq") && $0.reason == "computed from the base" })
    }
  }

  @Test func segmentersAndPlainRepositories() async throws {
    let segmenter = try await Self.check("facebook/mask2former-swin-tiny-coco-panoptic")
    #expect(segmenter.loads && segmenter.family == "Mask2Former")
    let pickle = try await Self.check(
      "somebody/mask2former-small",
      PublishedModel(
        "somebody/mask2former-small",
        large: TinyHub.files("2-Panoptic/mask2former-small", ["pytorch_model.bin"]),
        small: TinyHub.files("2-Panoptic/mask2former-small", ["config.json", "preprocessor_config.json"])))
    #expect(pickle.loads && pickle.family == "Mask2Former", "\(pickle.faults) \(Self.bad(pickle))")
    let sam = try await Self.check(
      "somebody/sam",
      PublishedModel(
        "somebody/sam", large: TinyHub.files("7-Grounding/sam-base", ["model.safetensors"]),
        small: TinyHub.files("7-Grounding/sam-base", ["config.json", "preprocessor_config.json"])))
    #expect(sam.loads && sam.family == "SAM", "\(sam.faults) \(Self.bad(sam))")
    let clip = try await Self.check(
      "somebody/clip",
      PublishedModel(
        "somebody/clip", large: TinyHub.files("4-Vision/clip-whole", ["model.safetensors"]),
        small: TinyHub.files("4-Vision/clip-whole", ["config.json", "preprocessor_config.json"])))
    #expect(clip.loads && clip.family == "CLIP", "\(clip.faults) \(Self.bad(clip))")
  }

  /// Everything that is wrong is named at once, and not the first thing alone.
  @Test func tensorsThatAreWrong() async throws {
    let model = try await Self.check(
      "collavo-7b",
      try Self.model(Self.collavo) { writer, checkpoint in
        writer["vision_proj.2.bias"] = nil
        writer["model.norm.weight"] = .float32(Tensor(zeros: [31]))
        writer["something.else"] = .float32(Tensor(zeros: [2]))
        writer["model.layers.1.attention.wo.Plora_main.weight"] = .float16(Tensor(zeros: [32, 16]))
        writer["seg_num_embed.weight"] = .float16(Tensor(zeros: [22, 24]))
      })
    #expect(!model.loads)
    #expect(
      Self.bad(model).sorted() == [
        "model.layers.1.attention.wo.Plora_main.weight of another shape [32, 32]",
        "model.norm.weight of another shape [32]", "seg_num_embed.weight of another shape [21, 24]",
        "something.else unknown", "vision_proj.2.bias missing [32]",
      ], "\(model.faults)")
  }

  /// A checkpoint of an earlier stage, saved without the tower: all of it is missing, and nothing else.
  @Test func aTowerThatIsNotInside() async throws {
    let model = try await Self.check(
      "nextchat-7b",
      try Self.model(Self.nextChat) { writer, checkpoint in
        for name in checkpoint.names where name.hasPrefix("model.vision_tower.") { writer[name] = nil }
      })
    let bad = Self.bad(model)
    #expect(!model.loads && !bad.isEmpty)
    #expect(bad.allSatisfy { $0.hasPrefix("model.vision_tower.vision_model.") && $0.contains(" missing ") })
  }

  /// One layer between tower and language model, as in an earlier release.
  @Test func aConnectorOfOneLayer() async throws {
    let single = try Self.model(Self.nextChat) { writer, checkpoint in
      writer["model.mm_projector.weight"] = .float32(try checkpoint.tensor("model.mm_projector.0.weight"))
      writer["model.mm_projector.bias"] = .float32(try checkpoint.tensor("model.mm_projector.0.bias"))
      for name in ["0.weight", "0.bias", "2.weight", "2.bias"] { writer["model.mm_projector.\(name)"] = nil }
    }
    let refused = try await Self.check("nextchat-7b", single)
    #expect(
      refused.faults == ["nextchat-7b-336/config.json: \"mm_depth\" is 2, but only 1 is supported"],
      "\(refused.faults)")
    var fitting = single
    let config = String(decoding: try #require(fitting.small["config.json"]), as: UTF8.self)
    fitting.small["config.json"] = Data(
      config.replacingOccurrences(of: "\"mm_depth\": 2", with: "\"mm_depth\": 1").utf8)
    let taken = try await Self.check("nextchat-7b", fitting)
    #expect(taken.loads, "\(taken.faults) \(Self.bad(taken))")
  }

  static let sentences: [(String, String, String, String, String?)] = [
    ("collavo-7b", collavo, "config.json", "\"CoLLaVOModel\"|\"InternLM2ForCausalLM\"", nil),
    ("collavo-7b", collavo, "config.json", "\"model_type\": \"internlm\"|\"model_type\": \"x\"", nil),
    (
      "collavo-7b", collavo, "config.json", "\"num_attention_heads\": 4|\"num_attention_heads\": 0",
      "CoLLaVO-7B/config.json describes a model with 0 heads"
    ),
    (
      "collavo-7b", collavo, "model.safetensors.index.json",
      "\"output.weight\": \"model-00001|\"output.weights\": \"model-00001", nil
    ),
    (
      "collavo-7b", collavo, "model.safetensors.index.json", "\"weight_map\"|\"weight_maps\"",
      "CoLLaVO-7B/model.safetensors.index.json holds no tensors"
    ),
    (
      "nextchat-7b", nextChat, "added_tokens.json", "\"<boxes>\": 364|\"<boxes>\": 363",
      "nextchat-7b-336/added_tokens.json gives the number 363 to two tokens"
    ),
    (
      "nextchat-7b", nextChat, "config.json", "\"vocab_size\": 365|\"vocab_size\": 364", "TENSORS"
    ),
    (
      "facebook/mask2former-swin-tiny-coco-panoptic", "facebook/mask2former-swin-tiny-coco-panoptic",
      "preprocessor_config.json", "\"size\": {|\"size\": {\"x\": [1, 2.5], ",
      "mask2former-swin-tiny-coco-panoptic/preprocessor_config.json: \"size\" is {"
    ),
  ]

  @Test(arguments: sentences)
  func whatFilesSay(
    name: String, repository: String, file: String, change: String, sentence: String?
  ) async throws {
    let parts = change.split(separator: "|", maxSplits: 1).map(String.init)
    var changed = Self.published(repository)
    let text = String(decoding: try #require(changed.small[file]), as: UTF8.self)
    // An index may have the name in another part.
    guard text.contains(parts[0]) else {
      #expect(file.hasSuffix(".index.json"), "\(change)")
      return
    }
    changed.small[file] = Data(text.replacingOccurrences(of: parts[0], with: parts[1]).utf8)
    let model = try await Self.check(name, changed)
    switch sentence {
    case nil where file.hasSuffix(".index.json"):
      #expect(model.faults.contains { $0.hasSuffix("lacks the tensor output.weights") }, "\(model.faults)")
    case nil: #expect(model.loads, "\(model.faults) \(Self.bad(model))")
    case "TENSORS"?:
      #expect(Self.bad(model).contains("lm_head.weight of another shape [364, 32]"), "\(Self.bad(model))")
    case let sentence?:
      #expect(!model.loads && model.faults.contains { $0.hasPrefix(sentence) }, "\(model.faults)")
    }
  }

  /// Files that are not what their names say.
  @Test func filesOfAnotherKind() async throws {
    func fault(_ file: String, _ data: Data) async throws -> String {
      let model = PublishedModel("somebody/model", large: [file: data], small: ["config.json": Data("{}".utf8)])
      let checked = try await Self.check("somebody/model", model)
      #expect(!checked.loads)
      return checked.faults.joined(separator: "; ")
    }
    let stored = Fixtures.folder.appendingPathComponent("Checkpoints")
    func file(_ name: String) throws -> Data { try Data(contentsOf: stored.appendingPathComponent(name)) }
    for (name, data, sentence) in [
      ("pytorch_model.bin", try file("malicious.bin"), "model/pytorch_model.bin tries to import posix.system"),
      ("pytorch_model.bin", try file("legacy.bin"), "PyTorch's format from before version 1.6"),
      ("pytorch_model.bin", Data("<html>".utf8), "is not a file that `torch.save` has"),
      ("model.safetensors", try file("every.safetensors").prefix(900), "it was cut short"),
      ("model.safetensors", try file("every.safetensors"), "are of no model that crayon knows"),
    ] {
      let said = try await fault(name, Data(data))
      #expect(said.contains(sentence), "\(said)")
    }
  }

  /// A large file: what is read of it hangs on the number of its tensors, and not on its size.
  @Test func aFewKilobytesOfManyMegabytes() async throws {
    let folder = try TemporaryFolder()
    try ModelsCommandTests.writeDecoder(to: folder.file("tiny"), vocabulary: 40_000)
    let model = PublishedModel(
      "somebody/llama",
      large: ["model.safetensors": try Data(contentsOf: folder.file("tiny/model.safetensors"))],
      small: ["config.json": try Data(contentsOf: folder.file("tiny/config.json"))])
    let checked = try await Self.check("somebody/llama", model)
    #expect(checked.loads && checked.family == "Llama", "\(checked.faults) \(Self.bad(checked))")
    #expect(checked.bytesRead < 70_000)
  }

  /// `pull` looks first, and fetches nothing that would not load.
  @Test func pullChecksFirst() async throws {
    let broken = try Self.model(Self.collavo) { writer, _ in writer["vision_proj.2.bias"] = nil }
    let hub = try await TinyHub(others: [broken])
    let refused = try hub.run("models", "pull", "collavo-7b")
    #expect(refused.status == 3)
    #expect(
      refused.errors.contains("  vision_proj.2.bias: missing; the model needs [32]\n")
        && refused.errors.hasSuffix(
          "error: this would not load, and nothing is fetched; --unchecked fetches it all the same\n"),
      "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: hub.models.path))
    #expect(try hub.run("models", "pull", "collavo-7b", "--unchecked").status == 0)
    try await hub.server.stop()
    let asked = try hub.run("ask", ModelsCommandTests.picture, "What?", "--pipeline", "collavo-7b")
    #expect(
      asked.status == 3 && asked.errors.contains("lacks the tensor vision_proj.2.bias"), "\(asked.errors)")
  }

  /// NExT-Chat, pulled and asked: one download, with its tower inside.
  @Test func pullAndAskNExTChat() async throws {
    let hub = try await TinyHub(others: [TinyHub.nextChatCLIP])
    let pulled = try hub.run("models", "pull", "nextchat-7b")
    #expect(pulled.status == 0, "\(pulled.errors)")
    #expect(!pulled.output.contains("clip-vit-large-patch14-336:"))
    #expect(
      try hub.names("nextchat-7b-336").filter { $0.contains("token") }
        == ["added_tokens.json", "tokenizer.model", "tokenizer_config.json"])
    try await hub.server.stop()
    let picture = Fixtures.folder.appendingPathComponent("NExTChat/picture-wide.png").path
    let asked = try hub.run(
      "ask", picture, "Where is the cup? Please find it.", "--pipeline", "nextchat-7b", "--max-tokens", "40",
      "--json")
    #expect(asked.status == 0, "\(asked.errors)")
    let expected = Fixtures.folder.appendingPathComponent("NExTChat/expected.json")
    let all = try JSONSerialization.jsonObject(with: Data(contentsOf: expected)) as? [String: [String: Any]]
    let tokens = try #require(all?["wide"]?["tokens"] as? [Int])
    #expect(
      try ModelsCommandTests.tokens(asked) == Array(tokens.prefix(try ModelsCommandTests.tokens(asked).count)))
  }

  /// A server that gives no parts: nothing can be said, and a pull goes on.
  @Test func aServerWithoutRanges() async throws {
    let folder = try TemporaryFolder()
    try ModelsCommandTests.writeDecoder(to: folder.file("tiny"), vocabulary: 4000)
    let model = PublishedModel(
      "somebody/llama",
      large: ["model.safetensors": try Data(contentsOf: folder.file("tiny/model.safetensors"))],
      small: ["config.json": try Data(contentsOf: folder.file("tiny/config.json"))])
    let hub = try await TinyHub(others: [model]) { request, answer in
      guard request.path.contains("/elsewhere/") else { return answer }
      var whole = request
      whole.headers.remove(name: "range")
      return model.answer(whole)
    }
    let checked = try hub.run("models", "check", "somebody/llama")
    #expect(
      checked.status == 3 && checked.errors.contains("does not give parts of model.safetensors"),
      "\(checked.errors)")
    let pulled = try hub.run("models", "pull", "somebody/llama")
    #expect(pulled.status == 0 && pulled.errors.hasPrefix("note: "), "\(pulled.errors)")
    try await hub.server.stop()
  }
}
