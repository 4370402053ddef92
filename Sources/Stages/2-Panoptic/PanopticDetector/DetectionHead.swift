import Foundation
import Layers
import Tensors

/// NanoDet-Plus' head of one level of the pyramid: for every cell how likely it is each of the things, and how far it is
/// to the sides of its box (generalized focal loss, arXiv 2006.04388).
struct DetectionHead: Sendable {
  /// What a head says of a level.
  struct Level: Sendable {
    /// Pixels of the network's picture from one cell to the next.
    let stride: Int
    /// Logits of the things, and behind them logits of the distances to left, top, right and bottom, `bins` each.
    let cells: FeatureMap
    /// What that was read off, for the mask branch.
    let seen: FeatureMap
  }

  let first: SeparableConvolution
  let second: SeparableConvolution
  let out: PackedLinear

  func callAsFunction(_ map: FeatureMap, stride: Int) -> Level {
    let seen = second(first(map, activation: .leakyReLU), activation: .leakyReLU)
    return Level(stride: stride, cells: out(seen), seen: seen)
  }
}

/// A thing that was detected.
struct Detection: Sendable {
  /// x0, y0, x1, y1 in pixels of the network's picture.
  var box: SIMD4<Float>
  /// Its place among the things.
  let label: Int
  /// The detection head's, from 0 to 1.
  let score: Float
  /// Where it was read off.
  let level: Int
  let position: Int

  /// The box with its sides made longer, its middle where it was.
  func grown(by factor: Float) -> SIMD4<Float> {
    let (low, high) = (box.lowHalf, box.highHalf)
    let (middle, half) = ((low + high) / 2, (high - low) / 2 * factor)
    return SIMD4(lowHalf: middle - half, highHalf: middle + half)
  }

  /// Intersection over union.
  static func overlap(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> Float {
    func area(_ low: SIMD2<Float>, _ high: SIMD2<Float>) -> Float {
      let size = pointwiseMax(high - low, SIMD2(repeating: 0))
      return size.x * size.y
    }
    let inner = area(pointwiseMax(a.lowHalf, b.lowHalf), pointwiseMin(a.highHalf, b.highHalf))
    return inner / max(area(a.lowHalf, a.highHalf) + area(b.lowHalf, b.highHalf) - inner, 1e-6)
  }
}

/// Which cells are taken for things.
struct DetectionRule: Sendable, Equatable {
  /// A thing is at least this likely.
  var least: Float
  var most: Int
  /// Of things of a class whose boxes overlap by more, the likelier stands.
  var overlapping: Float

  /// Cells that are considered, the most probable ones.
  private static let candidates = 1000

  /// The things, the likeliest first.
  func detections(_ levels: [DetectionHead.Level], things: Int, bins: Int, side: Int) -> [Detection] {
    var candidates: [Detection] = []
    // A logit a little below, so that most cells need no exponential.
    let floor = Float(log(Double(least) / (1 - Double(least)))) - 0.01
    for (number, level) in levels.enumerated() {
      level.cells.values.read { values in
        for position in 0..<level.cells.positions {
          let logits = values + position * level.cells.channels
          for label in 0..<things where logits[label] > floor {
            let score = 1 / (1 + exp(-logits[label]))
            guard score > least else { continue }
            candidates.append(
              Detection(box: .zero, label: label, score: score, level: number, position: position))
          }
        }
      }
    }
    let order = candidates.indices.sorted { (candidates[$1].score, $0) < (candidates[$0].score, $1) }
    var stand: [Detection] = []
    for index in order.prefix(Self.candidates) {
      var candidate = candidates[index]
      candidate.box = Self.box(of: candidate, in: levels[candidate.level], things: things, bins: bins)
        .clamped(lowerBound: .zero, upperBound: SIMD4(repeating: Float(side)))
      let isCovered = stand.contains {
        $0.label == candidate.label && Detection.overlap($0.box, candidate.box) > overlapping
      }
      if !isCovered { stand.append(candidate) }
    }
    return Array(stand.prefix(most))
  }

  /// From the cell's corner, as NanoDet-Plus, by the means of the four distributions.
  private static func box(
    of detection: Detection, in level: DetectionHead.Level, things: Int, bins: Int
  ) -> SIMD4<Float> {
    let width = level.cells.width
    let (x, y) = (detection.position % width * level.stride, detection.position / width * level.stride)
    return level.cells.values.read { values in
      let logits = values + detection.position * level.cells.channels + things
      let reach = (0..<4).map { side -> Float in
        let powers = (0..<bins).map { logits[side * bins + $0] }
        let most = powers.max() ?? 0
        let shares = powers.map { exp($0 - most) }
        let mean = zip(shares, 0...).reduce(Float(0)) { $0 + $1.0 * Float($1.1) } / shares.reduce(0, +)
        return mean * Float(level.stride)
      }
      return SIMD4(Float(x) - reach[0], Float(y) - reach[1], Float(x) + reach[2], Float(y) + reach[3])
    }
  }
}
