import Checkpoints
import CrayonCore
import Foundation
import Grounding
import Layers
import Tensors
import TestSupport
import Testing

/// The heads and the small mask decoder as the pocket pipeline's training has them, and the stage that uses them.
@Suite struct PocketHeadsTests {
  static let folder = Fixtures.folder.appendingPathComponent("7-Grounding/pocket")
  static let configuration = SAMMaskDecoderConfiguration(
    width: 16, heads: 2, perceptronWidth: 32, scoreWidth: 16, gridSide: 8, imageSide: 64)
  static let width = 24

  let heads: GroundingHeads
  let masker: RegionMasker
  let expected: Checkpoint

  init() throws {
    let weights = WeightReader(
      try Checkpoint(file: Self.folder.appendingPathComponent("grounding.safetensors")))
    heads = try GroundingHeads(weights, width: Self.width)
    masker = try RegionMasker(pocket: weights, width: Self.width, configuration: Self.configuration)
    try weights.finish()
    expected = try Checkpoint(file: Self.folder.appendingPathComponent("expected.safetensors"))
  }

  static func values(_ boxes: [FrameBox]) -> [Float] {
    boxes.flatMap { [Float($0.x0), Float($0.y0), Float($0.x1), Float($0.y1)] }
  }

  static func boxes(_ tensor: Tensor) -> [FrameBox] {
    let values = tensor.values.map(Double.init)
    return (0..<tensor.shape[0]).map {
      FrameBox(x0: values[$0 * 4], y0: values[$0 * 4 + 1], x1: values[$0 * 4 + 2], y1: values[$0 * 4 + 3])
    }
  }

  @Test func boxesAndEmbeddingsAreTorchs() throws {
    let hidden = try expected.tensor("hidden")
    let boxes = heads.boxes(of: hidden)
    #expect(Closeness(Self.values(boxes), to: try expected.tensor("decoded").values).relative < 1e-5)
    let encoded = heads.embeddings(of: Self.boxes(try expected.tensor("boxes")))
    #expect(Closeness(encoded.values, to: try expected.tensor("encoded").values).relative < 1e-5)
    let cycled = heads.locations(of: hidden)
    #expect(Closeness(cycled.values, to: try expected.tensor("cycled").values).relative < 1e-5)
  }

  /// The box is decoded from the location of the segment that is pointed at, and where there is none from the state.
  @Test func segmentsArePointedAtAsTorchDoes() throws {
    let hidden = try expected.tensor("hidden")
    let boxes = Self.boxes(try expected.tensor("boxes"))
    let ids: [Int32] = [11, 12, 13, 14]
    let segments = PointableSegments(ids: ids, boxes: boxes, features: try expected.tensor("said"))
    let states = (0..<hidden.shape[0]).map { hidden.rows($0..<$0 + 1) }
    let wanted = try expected.tensor("pointed").values.map { ids[Int($0)] }
    let pointing = Pointing(heads, at: segments)
    let places = states.flatMap { pointing.places(of: [$0]) }
    #expect(places.map(\.segment) == wanted)
    #expect(Set(wanted).count > 1)
    let decoded = try expected.tensor("pointed_boxes").values
    #expect(Closeness(Self.values(places.map(\.box)), to: decoded).relative < 1e-5)

    // In one answer each is meant once; where none is left, the state is decoded.
    let inTurn = pointing.places(of: states).map(\.segment)
    #expect(inTurn == (try expected.tensor("in_turn").values.map { $0 < 0 ? nil : ids[Int($0)] }))
    #expect(inTurn[4] == nil && pointing.places(of: states)[4].box == heads.boxes(of: states[4])[0])
    var input = try input(try self.states)
    input.segments = segments
    let regions = try Grounding(heads: heads, masker: masker).run(input)
    #expect(regions.regions.map(\.segment) == inTurn)
  }

  func input(_ states: [[Float]], text: String = "", offsets: [Int]? = nil, frame: PictureFrame? = nil) throws
    -> GroundingInput
  {
    let frame = frame ?? PictureFrame(.squash, width: 32, height: 32)
    let triggers = states.indices.map {
      Reply.Trigger(position: $0, textOffset: offsets?[$0] ?? 0, state: states[$0])
    }
    return GroundingInput(
      reply: Reply(
        text: text, tokens: Array(0..<states.count), triggers: triggers, end: .stop, promptTokens: 0,
        reusedTokens: 0,
        firstTokenSeconds: 0, writingSeconds: 0),
      frame: frame,
      canvas: .init(
        features: ChannelsFirst.map(try expected.tensor("features")),
        frame: PictureFrame(.squash, width: frame.width, height: frame.height)))
  }

  var states: [[Float]] {
    get throws {
      let hidden = try expected.tensor("hidden")
      return (0..<hidden.shape[0]).map { hidden.rows($0..<$0 + 1).values }
    }
  }

  /// The picture has as many pixels as the decoder's masks, so these are its logits above zero.
  @Test(arguments: [true, false])
  func masksAreTorchs(showsBox: Bool) throws {
    var masker = masker
    masker.showsBox = showsBox
    let regions = try Grounding(heads: heads, masker: masker).run(try input(try states))
    let wanted = try expected.tensor(showsBox ? "masks" : "bare")
    let scores = try expected.tensor("scores").values
    #expect(regions.regions.count == 5 && regions.notes.isEmpty)
    for (index, region) in regions.regions.enumerated() {
      let logits = wanted.rows(index..<index + 1).values
      let mask = try #require(region.mask)
      let different = zip(mask.pixels, logits).count { $0 != ($1 > 0) }
      #expect(different <= 1, "region \(index)")
      #expect(mask.area > 0 && region.trigger == index)
      // What is shown is an overlap, whatever the head says.
      if showsBox { #expect(abs((region.score ?? .nan) - min(max(scores[index], 0), 1)) < 1e-4) }
    }
  }

  @Test func boxesAreInPixelsOfThePicture() throws {
    let decoded = Self.boxes(try expected.tensor("decoded"))
    let frame = PictureFrame(.padToSquare, width: 200, height: 100)
    let regions = try Grounding(heads: heads).run(try input(try states, frame: frame))
    for (region, box) in zip(regions.regions, decoded) {
      let wanted = try #require(frame.clippedPictureBox(of: box))
      #expect(abs(region.box.x0 - wanted.x0) < 0.01 && abs(region.box.y1 - wanted.y1) < 0.01)
      #expect(region.box.x0 >= 0 && region.box.x1 <= 200 && region.box.y0 >= 0 && region.box.y1 <= 100)
      #expect(region.mask == nil && region.score == nil)
    }
  }

  /// A hidden state that is no numbers, and one that means a box beyond the picture.
  @Test func badBoxesAreDroppedAndSaid() throws {
    var bad = try states
    bad[1][3] = .nan
    let grounding = Grounding(heads: heads, masker: masker)
    let regions = try grounding.run(try input(bad, text: "A cup  and a bowl .", offsets: [6, 17, 17, 17, 17]))
    #expect(regions.regions.map { $0.trigger } == [0, 2, 3, 4])
    #expect(regions.notes == [.init(trigger: 1, kind: .boxNotFinite, phrase: "a bowl")])
    #expect(regions.notes[0].sentence == "the box of \"a bowl\" is not made of numbers and was dropped")

    let biased = Perceptron([
      heads.boxDecoder.layers[0],
      Linear(
        weight: heads.boxDecoder.layers[1].weight, bias: Tensor([3, 3, 4, 4], shape: [4])),
    ])
    let outside = Grounding(
      heads: GroundingHeads(locationEncoder: heads.locationEncoder, boxDecoder: biased), masker: masker)
    let none = try outside.run(try input(try states))
    #expect(none.regions.isEmpty && none.notes.map { $0.kind } == Array(repeating: .boxWithoutArea, count: 5))
  }

  /// The pocket pipeline's masker with some of its tensors replaced.
  static func masker(_ change: (inout SafetensorsWriter) -> Void) throws -> RegionMasker {
    var writer = SafetensorsWriter()
    let source = try Checkpoint(file: folder.appendingPathComponent("grounding.safetensors"))
    for entry in source.entries { writer[entry.name] = .stored(entry) }
    change(&writer)
    let folder = try TemporaryFolder()
    try writer.write(to: folder.file("grounding.safetensors"))
    let weights = WeightReader(try Checkpoint(file: folder.file("grounding.safetensors")))
    return try RegionMasker(pocket: weights, width: width, configuration: configuration)
  }

  /// A head that says more than a whole, or less than nothing.
  @Test(arguments: [(Float(9), Float(1)), (-9, 0)])
  func scoresAreOverlaps(bias: Float, shown: Float) throws {
    let biased = try Self.masker {
      $0["mask_decoder.iou_prediction_head.proj_out.bias"] = .float32(
        Tensor(Array(repeating: bias, count: 4), shape: [4]))
    }
    let regions = try Grounding(heads: heads, masker: biased).run(try input(try states))
    #expect(regions.regions.map { $0.score } == Array(repeating: shown, count: 5))
  }

  @Test func twentyRegionsInOneReply() throws {
    let five = try states
    let twenty = (0..<20).map { five[$0 % 5] }
    let regions = try Grounding(heads: heads, masker: masker).run(
      try input(twenty, text: String(repeating: "a cup ", count: 20), offsets: (1...20).map { $0 * 6 }))
    #expect(regions.regions.map { $0.trigger } == Array(0..<20) && regions.notes.isEmpty)
    #expect(regions.regions.allSatisfy { $0.phrase == "a cup" && $0.mask != nil })
  }

  @Test func emptyMasksAreLeftOutAndSaid() throws {
    // The hypernetwork's weights are zero, and so is every logit: nothing is inside.
    let empty = try Self.masker {
      $0["mask_decoder.output_hypernetworks_mlps.0.proj_out.weight"] = .float32(Tensor(zeros: [2, 16]))
      $0["mask_decoder.output_hypernetworks_mlps.0.proj_out.bias"] = .float32(Tensor(zeros: [2]))
    }
    let regions = try Grounding(heads: heads, masker: empty).run(try input(try states))
    #expect(regions.regions.count == 5 && regions.regions.allSatisfy { $0.mask == nil })
    #expect(regions.notes.map { $0.kind } == Array(repeating: .maskEmpty, count: 5))
  }

  @Test func anotherModelsStatesAndFeaturesAreRefused() throws {
    let grounding = Grounding(heads: heads, masker: masker)
    #expect(throws: GroundingError.wrongState(width: 3, needed: 24)) {
      try grounding.run(try input([[1, 2, 3]]))
    }
    var other = try input(try states)
    other.canvas?.features = FeatureMap(height: 2, width: 2, values: Tensor(zeros: [4, 16]))
    #expect(throws: GroundingError.wrongFeatures(got: [2, 2, 16], needed: [8, 8, 16])) {
      try grounding.run(other)
    }
  }

  @Test func aBundleWithoutHeadsNamesWhatIsMissing() throws {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    writer["other"] = .float32(Tensor(zeros: [1]))
    try writer.write(to: folder.file("grounding.safetensors"))
    let weights = WeightReader(try Checkpoint(file: folder.file("grounding.safetensors")))
    let error = #expect(throws: CheckpointError.self) { try GroundingHeads(weights, width: Self.width) }
    #expect(
      error
        == .missingTensor(path: folder.file("grounding.safetensors").path, name: "location_encoder.0.weight"))
  }

  @Test(arguments: [
    ("A table  with a red cup  and a blue bowl .", [8, 24, 40], ["A table", "a red cup", "a blue bowl"]),
    ("The cup is at .", [14], ["The cup"]),
    ("The cups are at ,  and .", [16, 18, 23], ["The cups", "The cups", "The cups"]),
    ("There are two. The dog is here .", [31], ["The dog"]),
    ("", [0], [""]),
    ("A man . ", [6, 8], ["A man", ""]),
  ])
  func phrasesAreTheWordsBeforeTheTrigger(text: String, offsets: [Int], phrases: [String]) throws {
    let states = Array(repeating: try states[0], count: offsets.count)
    let regions = try Grounding(heads: heads).run(try input(states, text: text, offsets: offsets))
    #expect(regions.regions.map { $0.phrase } == phrases)
  }
}
