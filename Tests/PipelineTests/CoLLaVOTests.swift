import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Fusion
import Imaging
import Language
import Layers
import Tensors
import TestSupport
import Testing
import Tokenizers
import Vision

/// The whole of CoLLaVO's forward against the authors' own code: from a picture's file, its map and a question to
/// their 64 tokens (Tests/Reference/collavo.py). Each stage alone is held against theirs in its own tests.
@Suite struct CoLLaVOTests {
  /// Every part of a checkpoint in the authors' layout, from one reader.
  struct Model {
    let encoder: VisionEncoder
    let embedder: CrayonEmbedder
    let language: LanguageModel

    init(_ folder: URL) throws {
      let weights = WeightReader(try Checkpoint(folder: folder))
      let decoder = try Decoder(collavo: CoLLaVO.file("config.json"), weights)
      let tower = try CLIPVisionTower(
        weights.scoped("vit.vision_tower.vision_model"),
        CLIPVisionConfiguration(readingJSON: CoLLaVO.file("vision/config.json")), side: 70)
      encoder = try VisionEncoder(
        preprocessing: VisionPreprocessing(mode: .squash, side: 70, filter: .torchBilinear), tower: tower,
        connector: MLPConnector(
          weights.scoped("vision_proj"), inputs: tower.configuration.width, width: decoder.width))
      embedder = try CrayonEmbedder(weights, names: .collavo, vocabulary: 133, width: decoder.width)
      try weights.finish()
      let bare = try SentencePieceBPE(model: CoLLaVO.file("tokenizer.model"))
      let markers = try ["[UNUSED_TOKEN_145]", "[UNUSED_TOKEN_146]"].map { marker in
        AddedToken(marker, id: try #require(bare.id(of: marker)))
      }
      language = try LanguageModel(
        decoder,
        tokenizer: SentencePieceBPE(model: CoLLaVO.file("tokenizer.model"), added: markers, isLegacy: false),
        template: .internLM2, name: folder.path)
    }
  }

  static func map(_ name: String) throws -> PanopticMap {
    guard name == "map" else {
      return try PanopticMap(
        width: 70, height: 70, ids: Array(repeating: PanopticMap.void, count: 4900), labels: [:])
    }
    return try PanopticMap(readingFrom: CoLLaVO.folder)
  }

  static func sequence(_ model: Model, _ expected: CoLLaVO.Case) throws -> FusedSequence {
    let picture = try ImageDecoder().run(.init(file: CoLLaVO.file("1-image.png")))
    let tokens = try model.encoder.run(picture)
    let prompt = CrayonPrompter(grid: GridSize(rows: tokens.rows, columns: tokens.columns))
      .run(try map(expected.map))
    let fuser = try Fuser(
      template: expected.template == "demo" ? .collavoDemo : .collavoEvaluation, addsCrayon: false,
      embedder: model.language.decoder, tokenizer: model.language.tokenizer)
    return try fuser.run(
      FusionInput(
        question: expected.question, listing: prompt.listing, image: tokens.features,
        crayon: model.embedder.features(of: prompt)))
  }

  @Test(arguments: CoLLaVO.cases)
  func fromThePictureToTheAnswer(name: String) throws {
    let expected = try CoLLaVO.expected(name)
    let model = try Model(CoLLaVO.folder)
    let sequence = try Self.sequence(model, expected)
    let haveSameTokens = sequence.tokens == expected.sequence()
    #expect(haveSameTokens)

    var cache = KeyValueCache(for: model.language.decoder.configuration)
    let hidden = try model.language.decoder.run(
      sequence.embeddings, cache: &cache,
      conditions: DecoderConditions(
        adapters: .collavo, imageSpan: sequence.imageSpan, crayonFeatures: sequence.crayonFeatures),
      hiddenStatesAt: Array(0..<sequence.count))
    let stored = try Checkpoint(file: CoLLaVO.file("expected.safetensors")).tensor("\(name).hidden.2")
    let closeness = Closeness(hidden.values, to: stored.values)
    #expect(closeness.relative < 1e-4, "\(closeness)")

    var session = LanguageSession(model.language, stopTokens: [])
    let reply = try session.reply(
      to: sequence, adapters: .collavo, options: AnswerOptions(limit: expected.greedy.count))
    #expect(reply.tokens == expected.greedy)
  }

  /// A part that is missing, and one too many.
  @Test func aCheckpointThatIsNotWhole() throws {
    func message(_ change: (inout SafetensorsWriter) -> Void) throws -> String {
      try outcome(ofChanging: CoLLaVO.folder, change) { _ = try Model($0) }
    }
    #expect(try message { _ in } == "accepted")
    #expect(
      try message { $0["vision_proj_for_seg.2.bias"] = nil }
        == "DIR/model.safetensors lacks the tensor vision_proj_for_seg.2.bias")
    #expect(
      try message { $0["model.layers.0.attention.wo.Plora_C.weight"] = .float32(Tensor(zeros: [1])) }
        == "DIR/model.safetensors holds model.layers.0.attention.wo.Plora_C.weight, which the model does not use; "
        + "is it for another model?")
  }
}
