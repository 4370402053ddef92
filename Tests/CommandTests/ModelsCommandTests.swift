import Checkpoints
import Foundation
import HubTestSupport
import Tensors
import TestSupport
import Testing

/// `crayon models`, run as a person runs it, against a hub on this machine; and what is asked of the models then.
@Suite struct ModelsCommandTests {
  static let picture = Fixtures.folder.appendingPathComponent("CoLLaVOPipeline/picture.png").path

  struct Expected: Decodable {
    var question: String
    var greedy: [Int]
  }

  static func expected() throws -> Expected {
    let file = Fixtures.folder.appendingPathComponent("CoLLaVOPipeline/expected.json")
    return try #require(try JSONDecoder().decode([String: Expected].self, from: Data(contentsOf: file))["demo"])
  }

  static func tokens(_ result: CrayonProcess.Result) throws -> [Int] {
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return try #require(value?["tokens"] as? [Int])
  }

  /// Two commands from nothing to the authors' answer.
  @Test func pullAndAsk() async throws {
    let hub = try await TinyHub()
    let expected = try Self.expected()
    let pulled = try hub.run("models", "pull", "collavo-7b")
    #expect(pulled.status == 0, "\(pulled.errors)")
    #expect(pulled.output.contains("CoLLaVO-7B: "))
    // No terminal, no progress.
    #expect(pulled.errors.isEmpty)
    #expect(
      try hub.names("CoLLaVO-7B")
        == [
          ".crayon-source.json", "config.json", "model-00001-of-00002.safetensors",
          "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.model",
          "tokenizer_config.json",
        ])
    #expect(try hub.names("clip-vit-large-patch14-336-config") == [".crayon-source.json", "config.json"])
    let answer = try hub.run(
      "ask", Self.picture, expected.question, "--pipeline", "collavo-7b", "--max-tokens", "64", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(try Self.tokens(answer) == expected.greedy)

    let verified = try hub.run("models", "verify", "collavo-7b")
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("CoLLaVO-7B: whole, by hash, BK-Lee/CoLLaVO-7B at c0ffee00c0ff; "))
    #expect(verified.output.contains("every value a number; CoLLaVO\n"))
    #expect(verified.output.contains("collavo-7b: every tensor is accounted for; 133 categories"))

    // A byte that has changed.
    let file = hub.models.appendingPathComponent("CoLLaVO-7B/model-00001-of-00002.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 9] ^= 0x40
    try bytes.write(to: file)
    let damaged = try hub.run("models", "verify", "CoLLaVO-7B")
    #expect(damaged.status == 3)
    #expect(
      damaged.errors
        == "error: CoLLaVO-7B: model-00001-of-00002.safetensors is damaged; delete it, then: crayon models pull CoLLaVO-7B\n"
    )
    try await hub.server.stop()
  }

  @Test func aDryRunFetchesNothing() async throws {
    let hub = try await TinyHub()
    let result = try hub.run("models", "pull", "collavo-7b", "--dry-run")
    #expect(result.status == 0, "\(result.errors)")
    for line in [
      "BK-Lee/CoLLaVO-7B at c0ffee00", "  model-00001-of-00002.safetensors  104 kB", "to fetch: 1.8 MB, free: ",
    ] {
      #expect(result.output.contains(line), "\(result.output)")
    }
    #expect(!FileManager.default.fileExists(atPath: hub.models.path))
    #expect(!hub.server.requests.contains { $0.path.contains("/resolve/") })
    try await hub.server.stop()
  }

  @Test func aPlainRepository() async throws {
    let hub = try await TinyHub()
    let result = try hub.run(
      "models", "pull", "openai/clip-vit-large-patch14-336", "--all", "--unchecked", "--revision", "main")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try hub.names("clip-vit-large-patch14-336") == [
        ".crayon-source.json", "config.json", "pytorch_model.bin",
      ])
    for (name, sentence) in [
      ("collavo", "there is no model collavo; known are "), ("a/b/c", "\"a/b/c\" is no repository"),
      ("somebody/CoLLaVO-7B", "somebody/CoLLaVO-7B would be taken for CoLLaVO-7B, which pipelines know"),
      ("somebody/CoLLaVO-7B-nf4", "would be taken for CoLLaVO-7B, which"),
    ] {
      let wrong = try hub.run("models", "pull", name)
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains(sentence), "\(wrong.errors)")
    }
    let two = try hub.run("models", "pull", "a/model", "b/model")
    #expect(two.status == 64)
    #expect(two.errors.contains("holds a/model, and b/model would have the same name"), "\(two.errors)")
    try await hub.server.stop()
  }

  /// What of a model cannot be known, or is not there at all, is never success.
  @Test func withoutWeightsThatDescribeThemselves() async throws {
    let hub = try await TinyHub(others: [
      PublishedModel(
        "somebody/whole", large: ["a.gguf": Data("GGUF".utf8)], small: ["config.json": Data("{}".utf8)]),
      PublishedModel("somebody/empty", small: ["config.json": Data("{}".utf8)]),
    ])
    let checked = try hub.run("models", "check", "somebody/whole")
    #expect(checked.status == 3)
    #expect(
      checked.errors.contains("somebody/whole: files of weights of this kind do not say"), "\(checked.errors)")
    for command in ["check", "pull"] {
      let empty = try hub.run("models", command, "somebody/empty")
      #expect(empty.status == 3)
      #expect(empty.errors.contains("somebody/empty holds no weights in its top folder"), "\(empty.errors)")
    }
    let file = hub.folder.file("mine.yaml")
    let text = try String(contentsOf: hub.pipelines.appendingPathComponent("collavo-7b.yaml"), encoding: .utf8)
    try Data(text.replacing("models:CoLLaVO-7B", with: "models:Mine").utf8).write(to: file)
    let mine = try hub.run("models", "pull", file.path, "--unchecked")
    #expect(mine.status == 3)
    #expect(mine.errors.contains("crayon does not know where Mine"), "\(mine.errors)")
    try await hub.server.stop()
  }

  /// What is missing is said with the command that gets it, before and without a network.
  @Test func noNetwork() async throws {
    let hub = try await TinyHub()
    try await hub.server.stop()
    let asked = try hub.run("ask", Self.picture, "What?", "--pipeline", "collavo-7b")
    #expect(asked.status == 3)
    #expect(asked.errors.contains("the segmenter of the pipeline \"collavo-7b\" is missing: there is no "))
    #expect(asked.errors.hasSuffix("get it with: crayon models pull collavo-7b\n"))
    let pulled = try hub.run(
      "models", "pull", "collavo-7b", environment: ["HF_ENDPOINT": "http://127.0.0.1:1"])
    #expect(pulled.status == 3)
    #expect(
      pulled.errors
        == String(repeating: "trying again: 127.0.0.1 cannot be reached: Connection refused\n", count: 2)
        + "error: 127.0.0.1 cannot be reached: Connection refused\n"
        + "missing from \(hub.models.path): mask2former-swin-large-coco-panoptic, CoLLaVO-7B, "
        + "clip-vit-large-patch14-336-config; go on with: crayon models pull collavo-7b\n",
      "\(pulled.errors)")
  }

  @Test(arguments: [
    ("refused", 3, "the hub refuses the token (HF_TOKEN) for "),
    ("revision", 64, "has no revision \"v9\"; --revision takes a branch, a tag or a commit"),
  ])
  func refusals(kind: String, status: Int32, sentence: String) async throws {
    let hub = try await TinyHub { request, answer in
      switch kind {
      case "refused" where request.headers["authorization"] == ["Bearer old"]: .init(status: .unauthorized)
      case "revision": .init(status: .notFound, headers: [("x-error-code", "RevisionNotFound")])
      default: answer
      }
    }
    let result = try hub.run(
      "models", "pull", "collavo-7b", "--revision", "v9", environment: ["HF_TOKEN": "old"])
    #expect(result.status == status)
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(!result.errors.contains("old"))
    try await hub.server.stop()
  }

  @Test(arguments: ["pull", "check"])
  func offline(command: String) async throws {
    let hub = try await TinyHub()
    let result = try hub.run("models", command, "collavo-7b", environment: ["HF_HUB_OFFLINE": "1"])
    #expect(result.status == 64)
    #expect(
      result.errors == "error: HF_HUB_OFFLINE is set, so the hub is not asked; unset it to fetch models\n")
    #expect(hub.server.requests.isEmpty)
    try await hub.server.stop()
  }

  /// A disk that is full in the middle: the shell's limit on a file's size stands in for it.
  @Test func aFullDisk() async throws {
    let hub = try await TinyHub()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "trap '' XFSZ; ulimit -f 150; exec \"$0\" models pull CoLLaVO-7B --unchecked",
      CrayonProcess.program.path,
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(hub.environment()) { $1 }
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(
      text.contains("/CoLLaVO-7B/model-00001-of-00002.safetensors cannot be written: File too large"), "\(text)"
    )
    #expect(try !hub.names("CoLLaVO-7B").contains("model-00001-of-00002.safetensors"))
    // With room again it goes on.
    #expect(try hub.run("models", "pull", "CoLLaVO-7B").status == 0)
    #expect(try hub.names("CoLLaVO-7B").contains("model-00001-of-00002.safetensors"))
    try await hub.server.stop()
  }

  /// A folder that a person downloaded by half.
  @Test func aHalfDownloadedFolder() async throws {
    let hub = try await TinyHub()
    #expect(try hub.run("models", "pull", "collavo-7b").status == 0)
    let file = hub.models.appendingPathComponent("CoLLaVO-7B/model-00001-of-00002.safetensors")
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(60_000).write(to: file)
    let asked = try hub.run("ask", Self.picture, "What?", "--pipeline", "collavo-7b")
    #expect(asked.status == 3)
    #expect(asked.errors.contains("it was cut short"), "\(asked.errors)")
    #expect(asked.errors.hasSuffix("get it with: crayon models pull collavo-7b\n"), "\(asked.errors)")
    #expect(try hub.run("models", "pull", "collavo-7b").status == 0)
    #expect(try Data(contentsOf: file) == bytes)

    try FileManager.default.removeItem(at: file)
    let verified = try hub.run("models", "verify", "CoLLaVO-7B")
    #expect(verified.status == 3)
    #expect(
      verified.errors.contains("get what is missing with: crayon models pull CoLLaVO-7B"), "\(verified.errors)")
    try await hub.server.stop()
  }

  /// A model that the hub's own tools have fetched: linked, with what its cache knows of it.
  @Test func importingFromACache() async throws {
    let hub = try await TinyHub()
    let cache = hub.folder.file("models--BK-Lee--CoLLaVO-7B")
    let snapshot = cache.appendingPathComponent("snapshots/\(PublishedModel.commit)")
    let model = TinyHub.models[0]
    let files = FileManager.default
    try files.createDirectory(at: snapshot, withIntermediateDirectories: true)
    for folder in ["blobs", "refs"] {
      try files.createDirectory(at: cache.appendingPathComponent(folder), withIntermediateDirectories: true)
    }
    try Data(PublishedModel.commit.utf8).write(to: cache.appendingPathComponent("refs/main"))
    for (name, data) in model.large.merging(model.small, uniquingKeysWith: { $1 }) {
      let digest = model.large[name] == nil ? PublishedModel.gitBlob(data) : PublishedModel.sha256(data)
      try data.write(to: cache.appendingPathComponent("blobs/\(digest)"))
      try files.createSymbolicLink(
        atPath: snapshot.appendingPathComponent(name).path, withDestinationPath: "../../blobs/\(digest)")
    }
    let wrong = try hub.run("models", "import", cache.path, "--revision", "v2")
    #expect(
      wrong.errors.contains("the cache has no revision v2 of BK-Lee/CoLLaVO-7B; it has c0ffee00"),
      "\(wrong.errors)")
    let result = try hub.run("models", "import", cache.path)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasSuffix("/models/CoLLaVO-7B: 6 files, 6 linked\n"), "\(result.output)")
    #expect(try hub.run("models", "verify", "CoLLaVO-7B").output.contains("whole, by hash, BK-Lee/CoLLaVO-7B"))
    // Nothing is fetched that is there.
    #expect(try hub.run("models", "pull", "CoLLaVO-7B").status == 0)
    #expect(!hub.server.requests.contains { $0.path.contains("/resolve/") })
    let again = try hub.run("models", "import", cache.path)
    #expect(again.status == 64)

    // A plain folder that lacks something is not taken.
    let folder = hub.folder.file("CoLLaVO-7B-evaluation")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appendingPathComponent("config.json"))
    let half = try hub.run("models", "import", folder.path, "--name", "mask2former-swin-large-coco-panoptic")
    #expect(half.status == 3)
    #expect(half.errors.contains("it lacks preprocessor_config.json, model.safetensors or "), "\(half.errors)")
    try await hub.server.stop()
  }

  /// A folder with a decoder of one layer, whose rows are whole blocks.
  static func writeDecoder(to folder: URL, vocabulary: Int = 10) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(
      """
      {"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1,
       "num_attention_heads": 2, "vocab_size": \(vocabulary)}
      """.utf8
    ).write(to: folder.appendingPathComponent("config.json"))
    var numbers = SeededNumbers(seed: 1)
    var writer = SafetensorsWriter()
    func add(_ name: String, _ shape: [Int]) {
      writer[name + ".weight"] = .float16(Tensor(numbers.floats(shape.reduce(1, *)), shape: shape))
    }
    for name in ["q_proj", "k_proj", "v_proj", "o_proj"] { add("model.layers.0.self_attn.\(name)", [64, 64]) }
    for name in ["gate_proj", "up_proj"] { add("model.layers.0.mlp.\(name)", [128, 64]) }
    add("model.layers.0.mlp.down_proj", [64, 128])
    for name in ["model.embed_tokens", "lm_head"] { add(name, [vocabulary, 64]) }
    for name in ["model.norm", "model.layers.0.input_layernorm", "model.layers.0.post_attention_layernorm"] {
      add(name, [64])
    }
    try writer.write(to: folder.appendingPathComponent("model.safetensors"))
  }

  @Test(arguments: [("nf4", 0.0795), ("q8", 0.0040)])
  func quantize(format: String, error: Double) async throws {
    let hub = try await TinyHub()
    try await hub.server.stop()
    let source = hub.models.appendingPathComponent("tiny")
    try Self.writeDecoder(to: source)
    let result = try hub.run("models", "quantize", "tiny", "--\(format)")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("/models/tiny-\(format): 7 matrices in \(format); "), "\(result.output)")
    #expect(try hub.names("tiny-\(format)") == ["config.json", "model.safetensors"])
    let reader = WeightReader(try Checkpoint(folder: hub.models.appendingPathComponent("tiny-\(format)")))
    let original = try Checkpoint(folder: source)
    for entry in original.entries where entry.shape.count == 2 {
      let matrix = try reader.matrix(entry.name, rows: entry.shape[0], columns: entry.shape[1])
      let isPacked = entry.name.contains("proj")
      #expect((matrix.format == .f16) == !isPacked)
      let closeness = Closeness(matrix.dequantized().values, to: try original.tensor(entry.name).values)
      #expect(closeness.relative <= (isPacked ? error * 2 : 0), "\(entry.name): \(closeness)")
    }
    let again = try hub.run("models", "quantize", "tiny", "--\(format)")
    #expect(again.status == 64)
    #expect(again.errors.hasSuffix("/tiny-\(format) exists already\n"))
  }
}
