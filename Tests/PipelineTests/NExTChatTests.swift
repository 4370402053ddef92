import Checkpoints
import CrayonCore
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

@testable import Grounding

/// The whole of NExT-Chat against the authors' own code: from a picture's file and a question with regions to their
/// tokens, boxes and masks (Tests/Reference/nextchat.py).
@Suite struct NExTChatTests {
  static let folder = NExTChat.folder
  static let cases = ["wide", "tall", "square"]

  static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  struct Case: Decodable {
    /// With `<at> <boxes>` for every region.
    var question: String
    var regions: [[Double]]
    /// -1 for the picture's tokens, -2 for a region.
    var prompt: [Int]
    /// Of the answer, with its slots.
    var tokens: [Int]

    /// The question as it is asked here.
    var numbered: String {
      regions.indices.reduce(question) { text, index in
        guard let place = text.range(of: "<at> <boxes>") else { return text }
        return text.replacingCharacters(in: place, with: "[\(index + 1)]")
      }
    }
  }

  /// Every part of a checkpoint in the authors' layout, from one reader.
  struct Model {
    let encoder: VisionEncoder
    let language: LanguageModel
    let heads: GroundingHeads
    let sam: SAM
    let masker: RegionMasker

    init(_ folder: URL) throws {
      let weights = WeightReader(try Checkpoint(folder: folder))
      language = try LanguageModel(
        nextChat: NExTChatTests.file("config.json"), weights, vocabulary: NExTChatTests.file("tokenizer.model"))
      let width = language.decoder.width
      let tower = try CLIPVisionTower(
        weights.scoped("model.vision_tower.vision_model"),
        CLIPVisionConfiguration(readingJSON: NExTChatTests.file("vision/config.json")), layer: -2)
      let white = SIMD3<UInt8>(repeating: 255)
      encoder = try VisionEncoder(
        preprocessing: VisionPreprocessing(
          mode: .padToSquare(border: white), side: tower.side, filter: .pillowBicubic),
        tower: tower,
        connector: MLPConnector(
          named: weights.scoped("model.mm_projector"), inputs: tower.configuration.width, width: width))
      heads = try GroundingHeads(weights, width: width, names: .nextChat)
      sam = try SAM(original: weights.scoped("sam.model"), placement: .middle)
      masker = try RegionMasker(nextChat: weights, width: width, sam: sam)
      try weights.finish()
    }

    var trigger: LocationTrigger {
      get throws {
        LocationTrigger(
          token: try #require(language.tokenizer.id(of: "<at>")),
          slot: try #require(language.tokenizer.id(of: "<boxes>")),
          locator: Pointing(heads, at: nil))
      }
    }

    func sequence(_ image: VisionTokens, _ expected: Case) throws -> FusedSequence {
      let regions = try expected.regions.map { corners in
        let box = PictureBox(x0: corners[0], y0: corners[1], x1: corners[2], y1: corners[3])
        let seen = try #require(image.frame.clippedFrameBox(of: box))
        return heads.embeddings(of: [seen])
      }
      return try Fuser(
        template: .nextChat, addsCrayon: false, embedder: language.decoder, tokenizer: language.tokenizer
      ).run(
        FusionInput(
          question: expected.numbered, listing: "", image: image.features, crayon: nil, regions: regions))
    }
  }

  static func expected(_ name: String) throws -> (Case, (String) throws -> Tensor) {
    let all = try JSONDecoder().decode(
      [String: Case].self, from: Data(contentsOf: file("expected.json")))
    let stored = try Checkpoint(file: file("expected.safetensors"))
    return (try #require(all[name]), { try stored.tensor("\(name).\($0)") })
  }

  static func check(_ got: Tensor, _ expected: Tensor, _ what: String, within tolerance: Double = 1e-4) {
    let closeness = Closeness(got.values, to: expected.values)
    #expect(closeness.relative < tolerance, "\(what): \(closeness)")
  }

  @Test(arguments: cases)
  func fromThePictureToTheRegions(name: String) throws {
    let (expected, stored) = try Self.expected(name)
    let model = try Model(Self.folder)
    let picture = try ImageDecoder().run(.init(file: Self.file("picture-\(name).png")))
    let image = try model.encoder.run(picture)
    Self.check(image.features, try stored("image"), "image tokens")

    let sequence = try model.sequence(image, expected)
    let haveSameTokens = sequence.tokens == expected.prompt.map { $0 < 0 ? nil : $0 }
    #expect(haveSameTokens)
    Self.check(sequence.embeddings, try stored("embeddings"), "embeddings")
    var cache = KeyValueCache(for: model.language.decoder.configuration)
    let hidden = try model.language.decoder.run(
      sequence.embeddings, cache: &cache, conditions: DecoderConditions(),
      hiddenStatesAt: [sequence.count - 1])
    Self.check(hidden, try stored("hidden"), "hidden state")

    let trigger = try model.trigger
    var session = LanguageSession(model.language, stopTokens: ["</s>"])
    let reply = try session.reply(
      to: sequence, adapters: AdapterGains(),
      options: AnswerOptions(limit: expected.tokens.count { $0 != trigger.slot }), trigger: trigger)
    #expect(expected.tokens.count == 64)
    #expect(reply.tokens == expected.tokens)
    let width = model.language.decoder.width
    let states = Tensor(reply.triggers.flatMap { $0.state }, shape: [reply.triggers.count, width])
    Self.check(states, try stored("states"), "states at triggers")

    try checkRegions(of: reply, on: picture, image.frame, model, stored)
  }

  /// The published layout: in parts, CLIP inside in 16 bits beside 32, two layers between, buffers.
  @Test func theFilesAreAsTheAuthorsSaveThem() throws {
    let checkpoint = try Checkpoint(folder: Self.folder)
    #expect(checkpoint.files.count == 4 && checkpoint.path.hasSuffix("NExTChat"))
    let tower = checkpoint.entries.filter { $0.name.hasPrefix("model.vision_tower.") }
    #expect(tower.count == 55 && tower.allSatisfy { $0.elementType == .float16 })
    #expect(checkpoint.entry(named: "lm_head.weight")?.elementType == .float32)
    for name in [
      "model.mm_projector.0.weight", "model.mm_projector.2.bias",
      "model.layers.1.self_attn.rotary_emb.inv_freq",
    ] { #expect(checkpoint.entry(named: name) != nil, "\(name)") }
    for file in checkpoint.files {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
      #expect(bytes.range(of: Data("archive/data.pkl".utf8)) != nil)
      #expect(bytes.range(of: Data("byteorder".utf8)) == nil)
    }
  }

  /// Boxes and masks, in the model's squares and on the picture.
  private func checkRegions(
    of reply: Reply, on picture: RGBImage, _ frame: PictureFrame, _ model: Model,
    _ stored: (String) throws -> Tensor
  ) throws {
    let wantedBoxes = try stored("boxes").values
    let seen = model.sam.see(picture)
    for (index, trigger) in reply.triggers.enumerated() {
      let state = Tensor(trigger.state, shape: [1, trigger.state.count])
      let box = model.heads.boxes(of: state)[0]
      let corners = box.edges.map(Float.init)
      #expect(
        Closeness(corners, to: wantedBoxes[index * 4..<index * 4 + 4]).relative < 1e-4, "box \(index)")
      let masks = model.masker.masks(state, box: box, on: seen.features)
      let square = FeatureMap(
        height: masks.height, width: masks.width, values: masks.logits.reshaped([masks.logits.count, 1])
      ).resized(height: 64, width: 64)
      Self.check(square.values, try stored("masks").rows(index..<index + 1), "mask \(index)")
      #expect(abs(masks.scores[0] - (try stored("scores").values[index])) < 1e-4)
    }

    let regions = try Grounding(heads: model.heads, masker: model.masker).run(
      GroundingInput(reply: reply, frame: frame, canvas: .init(seen)))
    let (boxes, inside) = (try stored("picture.boxes").values, try stored("picture.masks"))
    #expect(regions.regions.count + regions.notes.count { $0.dropsRegion } == reply.triggers.count)
    for region in regions.regions {
      let wanted = boxes[region.trigger * 4..<region.trigger * 4 + 4].map(Double.init)
      let whole = PictureBox(x0: wanted[0], y0: wanted[1], x1: wanted[2], y1: wanted[3])
      let clipped = try #require(whole.intersection(frame.pictureBounds))
      for (got, wanted) in zip(region.box.edges, clipped.edges) { #expect(abs(got - wanted) < 1e-2) }
      let pixels = inside.rows(region.trigger..<region.trigger + 1).values.map { $0 > 0 }
      let different = zip(region.mask?.pixels ?? pixels.map { _ in false }, pixels).count { $0 != $1 }
      // At most a pixel whose logit is 0 but for rounding.
      #expect(different <= 1, "mask \(region.trigger)")
    }
  }

  /// A part that is missing, and one too many.
  @Test func aCheckpointThatIsNotWhole() throws {
    func message(_ change: (inout SafetensorsWriter) -> Void) throws -> String {
      try outcome(ofChanging: Self.folder, change) { _ = try Model($0) }
    }
    #expect(try message { _ in } == "accepted")
    // A buffer that older versions of transformers save.
    #expect(
      try message {
        $0["model.vision_tower.vision_model.embeddings.position_ids"] = .float32(Tensor(zeros: [1, 10]))
      } == "accepted")
    #expect(
      try message { $0["seg_prompt_mlp.2.bias"] = nil }
        == "DIR/model.safetensors lacks the tensor seg_prompt_mlp.2.bias")
    #expect(
      try message { $0["model.vision_tower.vision_model.pre_layrnorm.bias"] = nil }
        == "DIR/model.safetensors lacks the tensor model.vision_tower.vision_model.pre_layrnorm.bias")
    #expect(
      try message { $0["model.mm_projector.2.weight"] = nil }
        == "DIR/model.safetensors lacks the tensor model.mm_projector.weight")
    #expect(
      try message { $0["loc_encoder.4.bias"] = .float32(Tensor(zeros: [1])) }
        == "DIR/model.safetensors holds loc_encoder.4.bias, which the model does not use; is it for another model?"
    )
  }
}

extension Regions.Note {
  fileprivate var dropsRegion: Bool { kind == .boxNotFinite || kind == .boxWithoutArea }
}
