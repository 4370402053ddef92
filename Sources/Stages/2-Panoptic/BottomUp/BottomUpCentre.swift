import Foundation
import Layers

/// Where a thing has its middle.
struct BottomUpCentre {
  /// In pixels of the network's picture.
  let y: Float
  let x: Float
  /// From 0 to 1.
  let score: Float

  /// Peaks of a heat map among their eight neighbours, the likeliest `most` of them, from left to right: a person
  /// counts things so, and the pictures that the language model learned from are numbered so.
  /// - Parameters:
  ///   - heat: logits, [positions, 1]
  ///   - stride: pixels from one position to the next
  static func peaks(of heat: FeatureMap, stride: Int, atLeast threshold: Float, most: Int) -> [BottomUpCentre] {
    let (height, width) = (heat.height, heat.width)
    let logits = heat.values.values
    var centres: [BottomUpCentre] = []
    for y in 0..<height {
      for x in 0..<width {
        let logit = logits[y * width + x]
        let score = 1 / (1 + exp(-logit))
        guard score >= threshold else { continue }
        let isPeak = (max(y - 1, 0)...min(y + 1, height - 1)).allSatisfy { row in
          (max(x - 1, 0)...min(x + 1, width - 1)).allSatisfy { logits[row * width + $0] <= logit }
        }
        guard isPeak else { continue }
        // The middle of a cell, in pixel indices.
        let middle = Float(stride - 1) / 2
        centres.append(
          BottomUpCentre(y: Float(y * stride) + middle, x: Float(x * stride) + middle, score: score))
      }
    }
    let order = centres.indices.sorted { (centres[$1].score, $0) < (centres[$0].score, $1) }
    return order.prefix(most).map { centres[$0] }.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  }
}

extension [BottomUpCentre] {
  /// The place of the nearest one; of equals the first.
  func nearest(y: Float, x: Float) -> Int? {
    var (best, least): (Int?, Float) = (nil, .infinity)
    for (index, centre) in enumerated() {
      let (dy, dx) = (y - centre.y, x - centre.x)
      let distance = dy * dy + dx * dx
      if distance < least { (best, least) = (index, distance) }
    }
    return best
  }
}
