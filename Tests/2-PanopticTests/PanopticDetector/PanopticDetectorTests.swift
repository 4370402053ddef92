import CrayonCore
import Foundation
import Imaging
import Layers
import Tensors
import TestSupport
import Testing

@testable import Panoptic

/// What holds for any picture and any weights.
@Suite struct PanopticDetectorTests {
  let detector: PanopticDetector

  init() throws { detector = try PanopticDetector(folder: PanopticDetectorParityTests.folder) }

  static func noise(width: Int, height: Int) -> RGBImage {
    var numbers = SeededNumbers(seed: 9)
    return RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &numbers) })
  }

  @Test(arguments: [(1, 1), (1600, 100), (3, 500), (512, 512), (640, 480)])
  func theMapHasThePicturesSize(width: Int, height: Int) throws {
    let map = try detector.run(Self.noise(width: width, height: height))
    #expect(map.width == width && map.height == height)
    // Things come first, and every score is a probability.
    let isThing = map.segments.map(\.category.isThing)
    #expect(isThing == isThing.sorted { $0 && !$1 })
    #expect(map.segments.allSatisfy { (0...1).contains($0.score ?? -1) })
    // Ids go up in the map's order; some may vanish with their pixels.
    #expect(map.segments.map(\.id).allSatisfy { $0 >= 1 })
  }

  @Test func mapAndFeaturesDoNotDependOnTheNumberOfThreads() throws {
    let picture = try ImageDecoder().run(.init(file: PocketPicture.file("picture.png")))
    let results = try [1, 2, 3].map { threads in
      try Parallel.$threads.withValue(threads) {
        (map: try detector.run(picture), features: detector.features(picture).values.values)
      }
    }
    for result in results.dropFirst() {
      #expect(result.map == results[0].map && result.features == results[0].features)
    }
  }

  @Test func anotherSideSeesTheSamePictureFiner() throws {
    let picture = Self.noise(width: 320, height: 200)
    let larger = detector.seeing(side: 640)
    #expect(larger.features(picture).height == 80 && detector.features(picture).height == 64)
    let map = try larger.run(picture)
    #expect(map.width == 320 && map.height == 200)
    #expect(
      [64, 128, 192, 384, 500, 2048, 2176].map(PanopticDetectorConfiguration.isSide) == [
        false, true, false, true, false, true, false,
      ])
  }

  /// A file may say anything that is a number: what comes of it is a map, or nothing, but never a trap.
  @Test(arguments: [
    "least_detection", "least_thing_probability", "least_stuff_probability", "least_visible", "in_front",
  ])
  func thresholdsAtTheirEndsMakeMaps(key: String) throws {
    let picture = Self.noise(width: 64, height: 64)
    for value in [0, 1] {
      let copy = try DetectorCopy()
      try copy.edit {
        $0[key] = value
        $0["image_size"] = 128
        $0["least_thing_pixels"] = 0
        $0["least_stuff_pixels"] = 0
      }
      let map = try PanopticDetector(folder: copy.folder).run(picture)
      #expect(map.width == 64 && map.height == 64)
    }
  }

  @Test func aMaskWithItsBoxBeyondTheSquareClaimsNothing() {
    var claims = ThingClaims(side: 64)
    let whole = [Float](repeating: 1, count: 28 * 28)
    for box in [SIMD4<Float>(-30, -30, -10, -10), [70, 0, 90, 20], [10, 10, 10, 10]] {
      #expect((claims.claim(.init(box: box, values: whole, cells: 28))?.inside ?? 0) == 0)
    }
    // Half of it lies beyond the left edge.
    let claim = claims.claim(.init(box: [-16, 0, 16, 32], values: whole, cells: 28))
    #expect(claim?.inside == 16 * 32 && claim?.free == 16 * 32 && claim?.mean == 1)
    claims.take(.init(box: [-16, 0, 16, 32], values: whole, cells: 28))
    let second = claims.claim(.init(box: [0, 0, 32, 32], values: whole, cells: 28))
    #expect(second?.inside == 32 * 32 && second?.free == 16 * 32)
  }

  @Test func aThingTakesPixelsOfThoseBehindIt() {
    var claims = ThingClaims(side: 64)
    let whole = [Float](repeating: 1, count: 28 * 28)
    let (large, small) = (SIMD4<Float>(0, 0, 32, 32), SIMD4<Float>(24, 0, 40, 16))
    claims.take(.init(box: large, values: whole, cells: 28))
    #expect(claims.claim(.init(box: small, values: whole, cells: 28))?.free == 8 * 16)
    #expect(claims.claim(.init(box: small, values: whole, cells: 28), over: [0])?.free == 16 * 16)
    claims.take(.init(box: small, values: whole, cells: 28), over: [0])
    #expect(claims.pixels == [32 * 32, 16 * 16] && claims.left() == [32 * 32 - 8 * 16, 16 * 16])
    claims.renumber([1])
    #expect(claims.ids.count { $0 == 1 } == 16 * 16 && claims.ids.allSatisfy { $0 <= 1 })
  }

  @Test func ofDetectionsThatOverlapTheLikeliestOfAClassStands() {
    // Two cells of one class side by side, and one of another.
    let (things, bins) = (2, 8)
    var values = [Float](repeating: -9, count: 4 * (things + 4 * bins))
    for (cell, label, logit) in [(0, 0, Float(1)), (1, 0, 2), (1, 1, 0.5)] {
      values[cell * (things + 4 * bins) + label] = logit
    }
    // Every distance is 4 strides and more or less sure; 32 pixels to each side.
    for cell in 0..<4 { for side in 0..<4 { values[cell * (things + 32) + things + side * 8 + 4] = 30 } }
    let cells = FeatureMap(height: 1, width: 4, values: Tensor(values, shape: [4, things + 4 * bins]))
    let level = DetectionHead.Level(
      stride: 8, cells: cells, seen: FeatureMap(height: 1, width: 4, values: Tensor(zeros: [4, 1])))
    let rule = DetectionRule(least: 0.1, most: 10, overlapping: 0.6)
    let found = rule.detections([level], things: things, bins: bins, side: 64)
    #expect(found.map(\.label) == [0, 1] && found.map(\.position) == [1, 1])
    #expect(found.allSatisfy { abs($0.box[2] - 40) < 1e-3 && $0.box[0] == 0 })
    let all = DetectionRule(least: 0.1, most: 10, overlapping: 0.99)
      .detections([level], things: things, bins: bins, side: 64)
    #expect(all.map(\.label) == [0, 0, 1])
    #expect(
      DetectionRule(least: 0.1, most: 1, overlapping: 0.99)
        .detections([level], things: things, bins: bins, side: 64).count == 1)
  }
}
