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
  /// A segment of fewer pixels, of the network's picture, or whose class is less likely than this in the mean of its
  /// pixels, is dropped.
  public struct Least: Sendable, Equatable {
    public var pixels: Int
    /// From 0 to 1.
    public var likelihood: Float

    public init(pixels: Int, likelihood: Float) {
      self.pixels = pixels
      self.likelihood = likelihood
    }
  }
  public var leastThing: Least
  public var leastStuff: Least

  public init(centreThreshold: Float, mostCentres: Int, leastThing: Least, leastStuff: Least) {
    self.centreThreshold = centreThreshold
    self.mostCentres = mostCentres
    self.leastThing = leastThing
    self.leastStuff = leastStuff
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

    // Whose a pixel is: the centre's nearest to where it points, or, numbered behind the centres, its stuff class's.
    var owner = classOf.map { isThing[$0] ? -1 : centres.count + $0 }
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
        owner[pixel] = best
      }
    }

    let votes = Self.votes(semantic, owner, owners: centres.count + isThing.count)
    var labels: [Int32: PanopticMap.Label] = [:]
    var idOfOwner = [Int32](repeating: PanopticMap.void, count: votes.pixels.count)
    func keep(_ owner: Int, as label: Int, ifAt least: Least, score: Float?) {
      let pixels = votes.pixels[owner]
      guard pixels >= max(least.pixels, 1),
        votes.likely(label, of: owner) >= least.likelihood * Float(pixels)
      else { return }
      let id = Int32(labels.count + 1)
      idOfOwner[owner] = id
      labels[id] = PanopticMap.Label(category: classes[label], score: score)
    }
    for (index, centre) in centres.enumerated() {
      let likelier = { votes.likely($0, of: index) < votes.likely($1, of: index) }
      guard let winner = things.max(by: likelier) else { continue }
      keep(index, as: winner, ifAt: leastThing, score: centre.score)
    }
    let stuff = classes.indices.filter { !isThing[$0] }
    for label in stuff { keep(centres.count + label, as: label, ifAt: leastStuff, score: nil) }
    // Stuff that is dropped leaves its pixels to what is likeliest there of the stuff that is kept.
    let kept = stuff.filter { idOfOwner[centres.count + $0] != PanopticMap.void }
    semantic.values.read { logits in
      for pixel in owner.indices {
        let label = owner[pixel] - centres.count
        guard classes.indices.contains(label), idOfOwner[owner[pixel]] == PanopticMap.void else { continue }
        let row = logits + pixel * semantic.channels
        if let likeliest = kept.max(by: { row[$0] < row[$1] }) { owner[pixel] = centres.count + likeliest }
      }
    }
    let ids = owner.map { $0 >= 0 ? idOfOwner[$0] : PanopticMap.void }
    return try PanopticMap(width: side, height: side, ids: ids, labels: labels)
  }

  /// What the pixels of every owner take it for.
  private struct Votes {
    var pixels: [Int]
    var channels: Int
    /// By owner and class, a probability summed over the pixels.
    var likely: [Float]

    func likely(_ channel: Int, of owner: Int) -> Float { likely[owner * channels + channel] }
  }

  /// - Parameters:
  ///   - semantic: logits
  ///   - owner: of every pixel, or −1
  private static func votes(_ semantic: FeatureMap, _ owner: [Int], owners: Int) -> Votes {
    let channels = semantic.channels
    var pixels = [Int](repeating: 0, count: owners)
    var likely = [Float](repeating: 0, count: owners * channels)
    likely.withUnsafeMutableBufferPointer { likely in
      semantic.values.read { logits in
        withScratch(channels) { row in
          for (pixel, owner) in owner.enumerated() where owner >= 0 {
            row.update(from: logits + pixel * channels, count: channels)
            kernels.softmax(row, 1, channels, 1, nil, nil)
            pixels[owner] += 1
            let sums = UnsafeMutableBufferPointer(rebasing: likely[owner * channels..<(owner + 1) * channels])
            for channel in 0..<channels { sums[channel] += row[channel] }
          }
        }
      }
    }
    return Votes(pixels: pixels, channels: channels, likely: likely)
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
