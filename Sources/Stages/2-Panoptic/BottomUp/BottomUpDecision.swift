import CKernels
import CrayonCore
import Foundation
import Layers
import Synchronization
import Tensors

/// How the fields of a bottom-up segmenter become segments (Panoptic-DeepLab, arXiv 1911.10194, section 3.3).
public struct BottomUpDecision: Sendable, Equatable {
  /// A centre is at least this likely.
  public var centreThreshold: Float
  /// The largest number of things.
  public var mostCentres: Int
  /// A segment of fewer pixels, of the network's picture, or whose class is less likely than this in the mean of its
  /// pixels, is dropped.
  public struct Least: Sendable, Equatable {
    /// Of the network's picture.
    public var pixels: Int
    /// From 0 to 1.
    public var likelihood: Float

    /// Memberwise.
    public init(pixels: Int, likelihood: Float) {
      self.pixels = pixels
      self.likelihood = likelihood
    }
  }
  /// What a thing needs to stand.
  public var leastThing: Least
  /// What stuff needs to stand.
  public var leastStuff: Least

  /// Memberwise.
  public init(centreThreshold: Float, mostCentres: Int, leastThing: Least, leastStuff: Least) {
    self.centreThreshold = centreThreshold
    self.mostCentres = mostCentres
    self.leastThing = leastThing
    self.leastStuff = leastStuff
  }

  /// The map at the network's own size: things from left to right by their centres, then stuff in the order of the
  /// classes.
  func map(_ fields: BottomUpNetwork.Fields, side: Int, categories: CategoryTable) throws -> PanopticMap {
    let classes = categories.categories
    let centres = BottomUpCentre.peaks(
      of: fields.centre, stride: side / fields.centre.height, atLeast: centreThreshold, most: mostCentres)
    var claims = BottomUpClaims(fields, centres: centres, isThing: classes.map(\.isThing) + [false], side: side)

    var labels: [Int32: PanopticMap.Label] = [:]
    var idOfOwner = [Int32](repeating: PanopticMap.void, count: claims.pixels.count)
    func keep(_ owner: Int, as label: Int, ifAt least: Least, score: Float?) {
      let pixels = claims.pixels[owner]
      guard pixels >= max(least.pixels, 1),
        claims.likelihood(of: label, for: owner) >= least.likelihood * Float(pixels)
      else { return }
      let id = Int32(labels.count + 1)
      idOfOwner[owner] = id
      labels[id] = PanopticMap.Label(category: classes[label], score: score)
    }
    let things = classes.indices.filter { classes[$0].isThing }
    for (index, centre) in centres.enumerated() {
      let likelier = { claims.likelihood(of: $0, for: index) < claims.likelihood(of: $1, for: index) }
      guard let winner = things.max(by: likelier) else { continue }
      keep(index, as: winner, ifAt: leastThing, score: centre.score)
    }
    let stuff = classes.indices.filter { !classes[$0].isThing }
    for label in stuff { keep(claims.owner(ofClass: label), as: label, ifAt: leastStuff, score: nil) }
    // Stuff that is dropped leaves its pixels to what is likeliest there of the stuff that is kept.
    let isKept = { idOfOwner[claims.owner(ofClass: $0)] != PanopticMap.void }
    claims.giveAway(pixelsOf: stuff.filter { !isKept($0) }, to: stuff.filter(isKept))
    let ids = claims.owner.map { $0.map { idOfOwner[$0] } ?? PanopticMap.void }
    return try PanopticMap(width: side, height: side, ids: ids, labels: labels)
  }
}

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

/// Whose every pixel is, and what the pixels of each owner take it for.
///
/// Owners are the centres and, numbered behind them, the classes: a pixel whose likeliest class is a thing's belongs
/// to the centre nearest to where it points, another to its class.
struct BottomUpClaims {
  /// Of every pixel; nil where it is a thing's and there is no centre.
  private(set) var owner: [Int?]
  /// By owner.
  private(set) var pixels: [Int]
  /// By owner and class, a probability summed over the owner's pixels.
  private var likelihoods: [Float]
  private let centreCount: Int
  private let semantic: FeatureMap
  private let side: Int

  /// - Parameters:
  ///   - isThing: by class, void's at the end
  ///   - side: of the network's picture, at whose size pixels are counted
  init(_ fields: BottomUpNetwork.Fields, centres: [BottomUpCentre], isThing: [Bool], side: Int) {
    centreCount = centres.count
    semantic = fields.semantic
    self.side = side
    let channels = isThing.count
    owner = []
    pixels = [Int](repeating: 0, count: centres.count + channels)
    likelihoods = [Float](repeating: 0, count: pixels.count * channels)
    let stripes = Mutex<[Int: Stripe]>([:])
    Parallel.forEachRange(side, grain: Parallel.balancedGrain(side, target: 64)) { rows in
      let stripe = Stripe(rows, of: fields, centres: centres, isThing: isThing, side: side)
      stripes.withLock { $0[rows.lowerBound] = stripe }
    }
    // From the top, so that sums do not depend on which was done first.
    for (_, stripe) in stripes.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      owner += stripe.owner
      for place in pixels.indices { pixels[place] += stripe.pixels[place] }
      for place in likelihoods.indices { likelihoods[place] += stripe.likelihoods[place] }
    }
  }

  /// The owner that stands for a class.
  func owner(ofClass label: Int) -> Int { Self.owner(ofClass: label, behind: centreCount) }

  fileprivate static func owner(ofClass label: Int, behind centreCount: Int) -> Int { centreCount + label }

  /// The probability of a class, summed over an owner's pixels.
  func likelihood(of label: Int, for owner: Int) -> Float { likelihoods[owner * semantic.channels + label] }

  /// Gives the pixels of some classes to the class that is likeliest there of those to choose from.
  mutating func giveAway(pixelsOf dropped: [Int], to classes: [Int]) {
    guard !dropped.isEmpty, !classes.isEmpty else { return }
    var gives = [Bool](repeating: false, count: pixels.count)  // by owner
    for label in dropped { gives[owner(ofClass: label)] = true }
    withScratch(side * semantic.channels) { row in
      for y in 0..<side {
        let places = (y * side..<(y + 1) * side).filter { owner[$0].map { gives[$0] } ?? false }
        guard !places.isEmpty else { continue }
        semantic.resizeRow(y, height: side, width: side, into: row)
        for place in places {
          let logits = row + place % side * semantic.channels
          owner[place] = classes.max { logits[$0] < logits[$1] }.map { owner(ofClass: $0) }
        }
      }
    }
  }
}

/// The claims on a few rows. One row's logits at a time: they stay in a core's cache, those of a picture would not.
private struct Stripe {
  var owner: [Int?]
  var pixels: [Int]
  var likelihoods: [Float]

  init(
    _ rows: Range<Int>, of fields: BottomUpNetwork.Fields, centres: [BottomUpCentre], isThing: [Bool], side: Int
  ) {
    let channels = isThing.count
    owner = []
    owner.reserveCapacity(rows.count * side)
    pixels = [Int](repeating: 0, count: centres.count + channels)
    likelihoods = [Float](repeating: 0, count: pixels.count * channels)
    let weights = [Float](repeating: 1, count: channels)
    var (labels, reached) = ([Int32](repeating: 0, count: side), [Int32](repeating: 0, count: channels))
    withScratch(side * channels) { likely in
      withScratch(side * 2) { offsets in
        for y in rows {
          fields.semantic.resizeRow(y, height: side, width: side, into: likely)
          fields.offset.resizeRow(y, height: side, width: side, into: offsets)
          kernels.scored_argmax(likely, side, channels, weights, .infinity, &labels, &reached)
          kernels.softmax(likely, side, channels, 1, nil, nil)
          let claimants = labels.enumerated().map { x, label in
            isThing[Int(label)]
              ? centres.nearest(y: Float(y) + offsets[2 * x], x: Float(x) + offsets[2 * x + 1])
              : BottomUpClaims.owner(ofClass: Int(label), behind: centres.count)
          }
          add(claimants, likely: likely, channels: channels)
        }
      }
    }
  }

  /// Takes in a row: whose each pixel is, and what it takes itself for, [pixels, channels].
  private mutating func add(_ claimants: [Int?], likely: UnsafePointer<Float>, channels: Int) {
    owner += claimants
    likelihoods.withUnsafeMutableBufferPointer { sums in
      for (x, claimant) in claimants.enumerated() {
        guard let claimant else { continue }
        pixels[claimant] += 1
        for channel in 0..<channels { sums[claimant * channels + channel] += likely[x * channels + channel] }
      }
    }
  }
}
