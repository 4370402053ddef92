import Hub
import HubTestSupport
import TestSupport
import Testing

/// Of several formats of the same weights, one is fetched.
@Suite struct HubSelectionTests {
  static func listing(_ paths: [String]) throws -> HubListing {
    HubListing(
      repository: try HubRepository("o/m"), revision: "main", commit: PublishedModel.commit,
      files: paths.map { HubFile(path: $0, size: 1, digest: .gitBlob(PublishedModel.commit)) })
  }

  @Test(arguments: [
    (
      ["README.md", ".gitattributes", "config.json", "pytorch_model.bin", "model.safetensors", "tf_model.h5"],
      ["config.json", "model.safetensors"]
    ),
    (
      [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json",
        "tokenizer.model", "modeling.py", "images/a.png", "onnx/model.onnx",
      ],
      [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "tokenizer.model",
      ]
    ),
    (["config.json", "pytorch_model.bin", "training_args.bin"], ["config.json", "pytorch_model.bin"]),
    (
      [
        "model.safetensors", "model.fp16.safetensors", "model-00001-of-00001.safetensors",
        "model.safetensors.index.json",
      ],
      ["model.safetensors"]
    ),
    (["a.gguf", "b.gguf", "config.json"], ["a.gguf", "b.gguf", "config.json"]),
    (["a.gguf", "training_args.bin"], ["a.gguf"]),
    (["config.json", "consolidated.pth"], ["config.json", "consolidated.pth"]),
  ])
  func aModel(paths: [String], chosen: [String]) throws {
    #expect(try HubSelection.model.files(of: Self.listing(paths)).map { $0.path } == chosen)
  }

  @Test(arguments: [["config.json"], ["config.json", "weights/model.safetensors"], []])
  func withoutWeightsItIsNoModel(paths: [String]) throws {
    #expect(throws: HubError.self) { try HubSelection.model.files(of: Self.listing(paths)) }
  }

  @Test func namedFilesAndTheirParts() throws {
    let listing = try Self.listing([
      "config.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
      "pytorch_model.bin.index.json", "tokenizer.json",
    ])
    let weights = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin.index.json"]
    #expect(
      try HubSelection.named([["config.json"], weights]).files(of: listing).map { $0.path } == [
        "config.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
        "pytorch_model.bin.index.json",
      ])
    #expect(throws: HubError.lacks(try HubRepository("o/m"), files: ["a or b"])) {
      try HubSelection.named([["config.json"], ["a", "b"]]).files(of: listing)
    }
  }

  @Test(arguments: ["model", "a/b/c", "../m", "a/..", "a/", "/a", "a b/c", "a/.b", "é/m"])
  func noRepositories(text: String) {
    #expect(throws: HubError.badRepository(text)) { try HubRepository(text) }
  }
}
