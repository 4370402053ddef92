import Checkpoints
import CrayonCore
import Foundation
import Imaging
import Layers
import Tensors
import TestSupport
import Testing

@testable import Panoptic

/// The pocket pipeline's segmenter against the code that trained it, tap by tap.
@Suite struct PanopticDetectorParityTests {
  static let folder = PocketPicture.weights.appendingPathComponent("segmenter")

  let detector: PanopticDetector
  let picture: RGBImage
  let taps: Checkpoint

  init() throws {
    detector = try PanopticDetector(folder: Self.folder)
    picture = try ImageDecoder().run(.init(file: PocketPicture.file("picture.png")))
    taps = try Checkpoint(file: PocketPicture.file("picture.safetensors"))
  }

  /// The fixture has some rows and columns, channels first.
  func expect(_ map: FeatureMap, toBe name: String, within tolerance: Double = 1e-3) throws {
    let expected = try taps.tensor(name)
    // As far apart as their number says.
    let step = (map.height + expected.shape[1] - 1) / expected.shape[1]
    let closeness = Closeness(map.channelsFirst(step: step), to: expected.values)
    #expect(closeness.relative < tolerance, "\(name): \(closeness)")
  }

  @Test func theTrunkIsTorchs() throws {
    let levels = detector.network.trunk(detector.pixels(picture))
    try expect(levels.quarter, toBe: "quarter")
    try expect(levels.backbone[1], toBe: "stage4")
    for (level, map) in zip(3..., levels.pyramid) { try expect(map, toBe: "p\(level)") }
  }

  @Test func theTrunkForStuffIsTorchs() throws {
    let levels = detector.network.stuff(detector.pixels(picture))
    try expect(levels.context, toBe: "stuff_context")
    try expect(levels.eighth, toBe: "stuff_eighth")
    try expect(levels.logits, toBe: "stuff_logits")
  }

  @Test func theBranchesAreTorchs() throws {
    let fields = detector.network(detector.pixels(picture))
    try expect(fields.coarse, toBe: "coarse")
    try expect(fields.fine, toBe: "fine")
    try expect(fields.semantic, toBe: "semantic")
  }

  /// Every 101st cell of all levels behind each other.
  @Test func theDetectionHeadsAreTorchs() throws {
    let levels = detector.network(detector.pixels(picture)).levels
    func rows(_ map: (DetectionHead.Level) -> FeatureMap, _ columns: Range<Int>) -> [Float] {
      let all = levels.flatMap { level in
        let (values, channels) = (map(level).values.values, map(level).channels)
        return stride(from: 0, to: values.count, by: channels).map { Array(values[$0..<$0 + channels][...]) }
      }
      return stride(from: 0, to: all.count, by: 101).flatMap { all[$0][columns] }
    }
    let things = detector.configuration.things
    let outputs = [
      ("logits", rows(\.cells, 0..<things)),
      ("distances", rows(\.cells, things..<things + 4 * detector.configuration.bins)),
      ("detection", rows(\.seen, 0..<detector.configuration.pyramidWidth)),
    ]
    for (name, got) in outputs {
      let closeness = Closeness(got, to: try taps.tensor(name).values)
      #expect(closeness.relative < 1e-3, "\(name): \(closeness)")
    }
  }

  /// Where the processor has products of them; in 32 bits elsewhere. The first layers stay exact.
  @Test func whatIsRoundedTo16BitsIsNearTorchs() throws {
    let rounded = try Precision.$current.withValue(.bfloat16) { try PanopticDetector(folder: Self.folder) }
    let pixels = rounded.pixels(picture)
    try expect(rounded.network.trunk(pixels).quarter, toBe: "quarter")
    let fields = rounded.network(pixels)
    for (name, map) in [("coarse", fields.coarse), ("fine", fields.fine), ("semantic", fields.semantic)] {
      try expect(map, toBe: name, within: 0.03)
    }
  }

  @Test func theMaskBranchIsTorchs() throws {
    let fields = detector.network(detector.pixels(picture))
    var got: [Float] = []
    for mask in try PocketPicture.notes().masks {
      var (level, position) = (0, mask.cell)
      while position >= fields.levels[level].cells.positions {
        position -= fields.levels[level].cells.positions
        level += 1
      }
      let box = SIMD4(mask.box[0], mask.box[1], mask.box[2], mask.box[3])
      let detection = Detection(box: box, label: mask.label, score: 1, level: level, position: position)
      got += detector.network.mask(of: detection, in: box, fields, side: detector.configuration.side).values
    }
    let closeness = Closeness(got, to: try taps.tensor("masks").values)
    #expect(closeness.relative < 1e-3, "\(closeness)")
  }

  @Test func theMapIsTheTrainings() throws {
    try expect(detector.run(picture), toBe: "decided.png", PocketPicture.notes().decided)
  }

  /// All but one stuff is too small, and leaves its pixels to that.
  @Test func droppedStuffGoesToWhatIsKept() throws {
    let notes = try PocketPicture.notes()
    let strict = try DetectorCopy()
    try strict.edit { $0["least_stuff_pixels"] = notes.strictLeastStuffPixels }
    try expect(PanopticDetector(folder: strict.folder).run(picture), toBe: "strict.png", notes.strict)
  }

  private func expect(
    _ map: PanopticMap, toBe file: String, _ segments: [String: PocketPicture.Notes.Segment]
  ) throws {
    let grey = try ImageDecoder().run(.init(file: PocketPicture.file(file)))
    let expected = stride(from: 0, to: grey.pixels.count, by: 3).map { Int32(grey.pixels[$0]) }
    #expect(map.segments.count == segments.count)
    for segment in map.segments {
      let wanted = try #require(segments["\(segment.id)"])
      #expect(segment.category.name == wanted.category)
      #expect(abs((segment.score ?? .nan) - wanted.score) < 1e-3)
    }
    // A pixel may go to another segment where two are equally likely to the last bits.
    let other = zip(map.ids, expected).count { $0 != $1 }
    #expect(other * 1000 <= expected.count, "\(other) pixels of \(expected.count)")
  }
}
