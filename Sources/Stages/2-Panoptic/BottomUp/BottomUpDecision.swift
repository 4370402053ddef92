import CKernels
import CrayonCore
import Foundation
import Layers
import Tensors

/// How the fields of a bottom-up segmenter become segments (Panoptic-DeepLab, arXiv 1911.10194, section 3.3).
public struct BottomUpDecision: Sendable, Equatable {
  /// A centre is at least this likely.
  public var centreThreshold: Float
  public var mostCentres: Int
  /// Segments of fewer pixels, of the network's picture, are dropped.
  public var leastThingPixels: Int
  public var leastStuffPixels: Int

  public init(centreThreshold: Float, mostCentres: Int, leastThingPixels: Int, leastStuffPixels: Int) {
    self.centreThreshold = centreThreshold
    self.mostCentres = mostCentres
    self.leastThingPixels = leastThingPixels
    self.leastStuffPixels = leastStuffPixels
  }

  private struct Centre {
    var y: Float
    var x: Float
    var score: Float
  }

  /// The map at the network's own size: things by falling score of their centres, then stuff in the order of the
  /// classes.
  func map(_ fields: BottomUpNetwork.Fields, side: Int, categories: CategoryTable) throws -> PanopticMap {
    let classes = categories.categories
    let semantic = fields.semantic.resized(height: side, width: side)
    let classOf = Self.labels(semantic)
    let offsets = fields.offset.resized(height: side, width: side).values.values
    let centres = centres(fields.centre, stride: side / fields.centre.height)
    let isThing = classes.map(\.isThing) + [false]
    let things = classes.indices.filter { isThing[$0] }

    var nearest = [Int](repeating: -1, count: side * side)
    if !centres.isEmpty {
      for pixel in 0..<side * side where isThing[classOf[pixel]] {
        let y = Float(pixel / side) + offsets[2 * pixel]
        let x = Float(pixel % side) + offsets[2 * pixel + 1]
        var (best, least) = (0, Float.infinity)
        for (index, centre) in centres.enumerated() {
          let (dy, dx) = (y - centre.y, x - centre.x)
          let distance = dy * dy + dx * dx
          if distance < least { (best, least) = (index, distance) }
        }
        nearest[pixel] = best
      }
    }

    var labels: [Int32: PanopticMap.Label] = [:]
    var idOfCentre = [Int32](repeating: PanopticMap.void, count: centres.count)
    for (index, votes) in Self.votes(semantic, nearest, centres: centres.count).enumerated() {
      guard votes.pixels >= leastThingPixels,
        let winner = things.max(by: { votes.likely[$0] < votes.likely[$1] })
      else { continue }
      let id = Int32(labels.count + 1)
      idOfCentre[index] = id
      labels[id] = PanopticMap.Label(category: classes[winner], score: centres[index].score)
    }
    var areas = [Int](repeating: 0, count: isThing.count)
    for label in classOf { areas[label] += 1 }
    var idOfStuff = [Int32](repeating: PanopticMap.void, count: isThing.count)
    for (label, category) in classes.enumerated()
    where !category.isThing && areas[label] >= max(leastStuffPixels, 1) {
      let id = Int32(labels.count + 1)
      idOfStuff[label] = id
      labels[id] = PanopticMap.Label(category: category)
    }
    let ids = zip(classOf, nearest).map { label, centre in
      centre >= 0 ? idOfCentre[centre] : idOfStuff[label]
    }
    return try PanopticMap(width: side, height: side, ids: ids, labels: labels)
  }

  /// What the pixels of a centre take it for.
  private struct Votes {
    var pixels = 0
    /// Of every class, its probability summed over the pixels.
    var likely: [Float]
  }

  /// - Parameters:
  ///   - semantic: logits
  ///   - nearest: the centre of every pixel, or −1
  private static func votes(_ semantic: FeatureMap, _ nearest: [Int], centres: Int) -> [Votes] {
    let channels = semantic.channels
    var votes = [Votes](repeating: Votes(likely: [Float](repeating: 0, count: channels)), count: centres)
    semantic.values.read { logits in
      withScratch(channels) { row in
        for (pixel, centre) in nearest.enumerated() where centre >= 0 {
          row.update(from: logits + pixel * channels, count: channels)
          kernels.softmax(row, 1, channels, 1, nil, nil)
          votes[centre].pixels += 1
          for channel in 0..<channels { votes[centre].likely[channel] += row[channel] }
        }
      }
    }
    return votes
  }

  /// The likeliest class of every position; of equals the first.
  private static func labels(_ logits: FeatureMap) -> [Int] {
    let channels = logits.channels
    return logits.values.read { values in
      (0..<logits.positions).map { position in
        let row = values + position * channels
        var best = 0
        for channel in 1..<channels where row[channel] > row[best] { best = channel }
        return best
      }
    }
  }

  /// Peaks of the heat map among their eight neighbours, the likeliest first, as positions in the network's picture.
  private func centres(_ heat: FeatureMap, stride: Int) -> [Centre] {
    let (height, width) = (heat.height, heat.width)
    let logits = heat.values.values
    var centres: [Centre] = []
    for y in 0..<height {
      for x in 0..<width {
        let logit = logits[y * width + x]
        let score = 1 / (1 + exp(-logit))
        guard score >= centreThreshold else { continue }
        let isPeak = (max(y - 1, 0)...min(y + 1, height - 1)).allSatisfy { row in
          (max(x - 1, 0)...min(x + 1, width - 1)).allSatisfy { logits[row * width + $0] <= logit }
        }
        guard isPeak else { continue }
        // The middle of a cell, in pixel indices.
        let middle = Float(stride - 1) / 2
        centres.append(
          Centre(y: Float(y * stride) + middle, x: Float(x * stride) + middle, score: score))
      }
    }
    let order = centres.indices.sorted { (centres[$1].score, $0) < (centres[$0].score, $1) }
    return order.prefix(mostCentres).map { centres[$0] }
  }
}
