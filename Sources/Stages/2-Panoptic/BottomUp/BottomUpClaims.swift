import CKernels
import Layers
import Synchronization
import Tensors

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
