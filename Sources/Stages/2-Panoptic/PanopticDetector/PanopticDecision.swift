import CrayonCore
import Foundation
import Layers
import Tensors

/// How what the network says becomes a map of segments, and how likely each of them is right.
public struct PanopticDecision: Sendable, Equatable {
  /// Which segments stand, and the logistic regression by which their probability is read off.
  public struct Rule: Sendable, Equatable {
    /// The weights of 1 and of what was measured.
    public var probability: [Double]
    /// A segment is at least this likely to be right: its class, and an overlap above a half.
    public var least: Double
    /// A segment has at least as many pixels, of 512×512.
    public var pixels: Double

    /// - Parameter measured: as many as there are weights, but the first
    func probability(_ measured: [Double]) -> Double {
      1 / (1 + exp(-zip(probability, [1] + measured).reduce(0) { $0 + $1.0 * $1.1 }))
    }

    /// As many pixels of a square, at least one.
    func pixels(side: Int) -> Double { max(1, pixels * Double(side * side) / Double(512 * 512)) }
  }

  let detection: DetectionRule
  /// Of a detected box, before a mask is drawn in it.
  let growth: Float
  /// The part of a thing that likelier ones must leave.
  let leastVisible: Double
  /// Measured of things: the detection's logit, the visible part, the mask's mean where it is visible, the logarithm of
  /// the part of the picture.
  public let thing: Rule
  /// Measured of stuff: the logit of its likelihood in the mean of its pixels, the logarithm of the part of the picture.
  public let stuff: Rule

  /// The map at the network's own size: things from left to right by the middles of their boxes, then stuff in the order
  /// of the categories.
  func map(
    _ fields: DetectorNetwork.Fields, masks: (Detection, SIMD4<Float>) -> Tensor, side: Int, bins: Int,
    categories: CategoryTable
  ) throws -> PanopticMap {
    let things = categories.categories.count(where: \.isThing)
    let found = detection.detections(fields.levels, things: things, bins: bins, side: side)
      .filter { mostProbable($0, side: side) >= thing.least }
    var claims = ThingClaims(side: side)
    var kept: [(middle: Float, label: PanopticMap.Label)] = []
    let drawn = ThingClaims.drawn(found.map { ($0, $0.grown(by: growth)) }, by: masks)
    for (detection, mask) in zip(found, drawn) {
      guard let claim = claims.claim(mask), Double(claim.free) >= thing.pixels(side: side),
        Double(claim.free) >= leastVisible * Double(claim.inside)
      else { continue }
      let probability = thing.probability([
        Self.logit(Double(detection.score)), Double(claim.free) / Double(claim.inside), Double(claim.mean),
        log(Double(claim.free) / Double(side * side)),
      ])
      guard probability >= thing.least else { continue }
      let label = PanopticMap.Label(
        category: categories.categories[detection.label], score: Float(probability))
      kept.append((detection.box[0] + detection.box[2], label))
      claims.take(mask, as: Int32(kept.count))
    }
    let order = kept.indices.sorted { (kept[$0].middle, $0) < (kept[$1].middle, $1) }
    claims.renumber(order)
    var labels: [Int32: PanopticMap.Label] = [:]
    for (number, place) in order.enumerated() { labels[Int32(number + 1)] = kept[place].label }

    let vote = StuffVote(fields.semantic, ids: claims.ids, side: side)
    var numbers = [Int32](repeating: 0, count: vote.pixels.count)
    for stuff in vote.pixels.indices where vote.pixels[stuff] > 0 {
      // A vote was taken of every fourth pixel.
      let pixels = 4 * Double(vote.pixels[stuff])
      let probability = self.stuff.probability([
        Self.logit(vote.likelihood[stuff] / Double(vote.pixels[stuff])), log(pixels / Double(side * side)),
      ])
      guard pixels >= self.stuff.pixels(side: side), probability >= self.stuff.least else { continue }
      numbers[stuff] = Int32(labels.count + 1)
      labels[numbers[stuff]] = PanopticMap.Label(
        category: categories.categories[things + stuff], score: Float(probability))
    }
    return try PanopticMap(
      width: side, height: side, ids: vote.filled(claims.ids, with: numbers), labels: labels)
  }

  /// No mask that could be drawn for a detection makes it likelier than this: a mask is drawn only for what may stand.
  private func mostProbable(_ detection: Detection, side: Int) -> Double {
    let box = detection.grown(by: growth)
    let logPart = { (pixels: Double) in log(max(1, pixels) / Double(side * side)) }
    // Pixels that the box touches.
    let most = logPart(Double(box[2] - box[0] + 2) * Double(box[3] - box[1] + 2))
    let ranges = [leastVisible...1, 0.5...1, min(logPart(thing.pixels(side: side)), most)...most]
    let sum = zip(thing.probability.dropFirst(2), ranges).reduce(
      thing.probability[0] + thing.probability[1] * Self.logit(Double(detection.score))
    ) { $0 + max($1.0 * $1.1.lowerBound, $1.0 * $1.1.upperBound) }
    return 1 / (1 + exp(-sum)) + 1e-6
  }

  private static func logit(_ share: Double) -> Double {
    let share = min(max(share, 1e-4), 1 - 1e-4)
    return log(share / (1 - share))
  }
}
