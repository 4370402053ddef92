import Checkpoints
import CrayonCore
import Foundation
import Grounding
import Layers
import Tensors
import TestSupport
import Testing

/// Our SAM against transformers', part by part and for every kind of prompt.
///
/// The reference reckons in 64 bits. Activations agree with it to 1e-4 of the largest, logits to 5e-4 (seen: 3.4e-4; the
/// mask decoder's random layers carry rounding far, torch's own 32 bits up to 1.5e-4), which a swapped axis, a missing
/// bias or another epsilon exceeds by far. The contract is 1e-3.
@Suite struct SAMParityTests {
  static let tolerance = 1e-4
  static let logitTolerance = 5e-4

  @Test(arguments: TinySAM.names)
  func pixelsAreThoseOfTheImageProcessor(name: String) throws {
    let tiny = try TinySAM(name)
    let pixels = tiny.sam.preprocessing(tiny.picture)
    let expected = ChannelsFirst.map(try tiny.expected.tensor("pixels"))
    #expect(pixels.height == expected.height && pixels.width == expected.width)
    let closeness = Closeness(pixels.values.values, to: expected.values.values)
    #expect(closeness.relative < 1e-6, "\(closeness)")
  }

  @Test(arguments: TinySAM.names)
  func thePictureIsSeenAlike(name: String) throws {
    let tiny = try TinySAM(name)
    let features = tiny.sam.imageEncoder(ChannelsFirst.map(try tiny.expected.tensor("pixels")))
    let expected = ChannelsFirst.map(try tiny.expected.tensor("embeddings"))
    #expect(features.height == expected.height && features.width == expected.width)
    let closeness = Closeness(features.values.values, to: expected.values.values)
    #expect(closeness.relative < Self.tolerance, "\(closeness)")
  }

  @Test(arguments: TinySAM.names)
  func masksAndScoresAgreeForEveryKindOfPrompt(name: String) throws {
    let tiny = try TinySAM(name)
    let canvas = MaskCanvas(
      features: ChannelsFirst.map(try tiny.expected.tensor("embeddings")),
      frame: tiny.sam.preprocessing.frame(width: tiny.picture.width, height: tiny.picture.height))
    #expect(tiny.cases.count == 9)
    for test in tiny.cases {
      let prompt = try tiny.prompt(test)
      for (choice, tag) in [(SAMMaskDecoder.Choice.single, "single"), (.alternatives, "alternatives")] {
        let masks = tiny.sam.masks(prompt, on: canvas, choice: choice)
        let expected = try tiny.expected.tensor("\(test.kind).\(tag).masks")
        #expect([masks.logits.shape[0], masks.height, masks.width] == expected.shape)
        let logits = Closeness(masks.logits.values, to: expected.values)
        #expect(logits.relative < Self.logitTolerance, "\(test.kind), \(tag): \(logits)")
        // Overlaps, of which 1 is the whole.
        let scores = try tiny.expected.tensor("\(test.kind).\(tag).scores").values
        #expect(masks.scores.count == scores.count)
        let difference = zip(masks.scores, scores).map { abs($0 - $1) }.max() ?? .infinity
        #expect(difference < 1e-4, "\(test.kind), \(tag), scores: \(difference)")
      }
    }
  }

  /// From transformers' features, so that nothing but the way back is looked at.
  @Test(arguments: TinySAM.names)
  func masksComeBackToThePicturesPixels(name: String) throws {
    let tiny = try TinySAM(name)
    let features = ChannelsFirst.map(try tiny.expected.tensor("embeddings"))
    try checkPictureMasks(tiny, features, within: Self.logitTolerance)
  }

  /// From the picture's bytes to masks of its size.
  @Test(arguments: TinySAM.names)
  func fromThePictureToItsMasks(name: String) throws {
    let tiny = try TinySAM(name)
    try checkPictureMasks(tiny, tiny.sam.see(tiny.picture).features, within: 1e-3)
  }

  private func checkPictureMasks(_ tiny: TinySAM, _ features: FeatureMap, within tolerance: Double) throws {
    let (height, width) = (tiny.picture.height, tiny.picture.width)
    let canvas = MaskCanvas(
      features: features, frame: tiny.sam.preprocessing.frame(width: width, height: height))
    let test = try #require(tiny.cases.first { $0.kind == "box" })
    let masks = tiny.sam.masks(try tiny.prompt(test), on: canvas, choice: .alternatives)
    let expected = try tiny.expected.tensor("box.picture")
    #expect(expected.shape == [masks.scores.count, height, width])
    for index in masks.scores.indices {
      let wanted = expected.rows(index..<index + 1).values
      let closeness = Closeness(masks.logits(index, in: canvas.frame).values.values, to: wanted)
      #expect(closeness.relative < tolerance, "mask \(index): \(closeness)")
      let inside = masks.mask(index, in: canvas.frame).pixels
      let different = zip(inside, wanted.map { $0 > 0 }).count { $0 != $1 }
      #expect(different * 500 <= inside.count)
    }
  }

  @Test(arguments: [1, 2, 3])
  func masksDoNotDependOnTheNumberOfThreads(threads: Int) throws {
    let tiny = try TinySAM("base")
    let prompt = try tiny.prompt(tiny.cases[3])
    func run() -> [Float] { tiny.sam.masks(prompt, on: tiny.sam.see(tiny.picture)).logits.values }
    let expected = Parallel.$threads.withValue(1) { run() }
    let isEqual = Parallel.$threads.withValue(threads) { run() } == expected
    #expect(isEqual)
  }

  /// The square of a model that looks at the middle of it holds the same picture elsewhere.
  @Test func thePictureMayLieInTheMiddle() throws {
    let tiny = try TinySAM("base")
    var preprocessing = tiny.sam.preprocessing
    let corner = preprocessing(tiny.picture)
    preprocessing.placement = .middle
    let middle = preprocessing(tiny.picture)
    // 53×37 becomes 64×45; 9 rows are above, 10 below.
    let shift = 9 * 64 * 3
    #expect(middle.values.values[shift..<shift + 45 * 64 * 3] == corner.values.values[0..<45 * 64 * 3])
    #expect(middle.values.values.prefix(shift).allSatisfy { $0 == 0 })
    let frame = preprocessing.frame(width: 53, height: 37)
    let box = SAM.box(frame.pictureBounds, in: frame, side: 64)
    #expect(box == SAMPrompt.Box(x0: 0, y0: 9, x1: 64, y1: 54))
  }
}
