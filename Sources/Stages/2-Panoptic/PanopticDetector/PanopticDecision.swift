import CKernels
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
  /// A thing that is smaller than this part of a likelier one of another category lies in front of it.
  let inFront: Double
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
    let drawn = try ThingClaims.drawn(found.map { ($0, $0.grown(by: growth)) }, by: masks)
    for (detection, mask) in zip(found, drawn) {
      let category = categories.categories[detection.label]
      guard var claim = claims.claim(mask) else { continue }
      var behind: [Int] = []
      if Double(claim.free) < leastVisible * Double(claim.inside) {
        // Of a person and a tie, or a table and a cup, the small one is in front, however sure the large one is.
        behind = kept.indices.filter {
          kept[$0].label.category.id != category.id
            && Double(claim.inside) < inFront * Double(claims.pixels[$0])
        }
        // Where nothing is, the mask need not be laid again.
        if !behind.isEmpty { claim = claims.claim(mask, over: behind) ?? claim }
      }
      guard Double(claim.free) >= thing.pixels(side: side),
        Double(claim.free) >= leastVisible * Double(claim.inside)
      else { continue }
      let probability = thing.probability([
        Self.logit(Double(detection.score)), Double(claim.free) / Double(claim.inside), Double(claim.mean),
        log(Double(claim.free) / Double(side * side)),
      ])
      guard probability >= thing.least else { continue }
      kept.append((detection.box[0] + detection.box[2], .init(category: category, score: Float(probability))))
      claims.take(mask, over: behind)
    }
    // What those in front of it left too little of is none.
    let left = claims.left()
    let order = kept.indices.filter { Double(left[$0]) >= thing.pixels(side: side) }
      .sorted { (kept[$0].middle, $0) < (kept[$1].middle, $1) }
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

/// Whose pixels are whose: things take theirs one after the other.
struct ThingClaims {
  /// Of every pixel of the square, in the order in which things took them, from 1; 0 where nothing did.
  private(set) var ids: [Int32]
  /// Of every thing, how many it took.
  private(set) var pixels: [Int] = []
  private let side: Int

  init(side: Int) {
    self.side = side
    ids = [Int32](repeating: 0, count: side * side)
  }

  /// A mask that was drawn in a box, with as many cells in a row as in a column.
  struct Mask: Sendable {
    /// In pixels of the square, wherever it lies.
    let box: SIMD4<Float>
    /// From 0 to 1, [cells, cells]
    let values: [Float]
    let cells: Int
  }

  struct Claim {
    /// Pixels that are rather inside than outside.
    var inside = 0
    /// Those of them that it can have.
    var free = 0
    /// Of the mask where it is free.
    var mean: Float = 0
  }

  /// Each detection's mask, each on one thread.
  static func drawn(
    _ detections: [(Detection, box: SIMD4<Float>)], by draw: (Detection, SIMD4<Float>) -> Tensor
  ) throws -> [Mask] {
    guard !detections.isEmpty else { return [] }
    var logits = [Tensor](repeating: Tensor(zeros: [0]), count: detections.count)
    logits.withUnsafeMutableBufferPointer { logits in
      // Each index is written by one thread.
      nonisolated(unsafe) let logits = logits
      Parallel.forEach(detections.count) { index in
        Parallel.$threads.withValue(1) {
          logits[index] = Activation.sigmoid(draw(detections[index].0, detections[index].box))
        }
      }
    }
    try SegmenterError.requireFinite(logits)
    return zip(detections, logits).map { detection, values in
      Mask(
        box: detection.box, values: values.values, cells: Int(Double(values.count).squareRoot().rounded()))
    }
  }

  /// What a thing would have of the pixels that nothing has taken, or that things `behind` it took, by their places;
  /// nil where its box lies beyond the square.
  mutating func claim(_ mask: Mask, over behind: [Int] = []) -> Claim? { lay(mask, as: 0, over: behind) }

  /// Gives the next thing what it claims.
  mutating func take(_ mask: Mask, over behind: [Int] = []) {
    let claim = lay(mask, as: Int32(pixels.count + 1), over: behind)
    pixels.append(claim?.free ?? 0)
  }

  /// Of every thing, how many pixels those in front of it left.
  func left() -> [Int] {
    var left = [Int](repeating: 0, count: pixels.count + 1)
    ids.withUnsafeBufferPointer { for id in $0 { left[Int(id)] += 1 } }
    return Array(left.dropFirst())
  }

  /// Numbers the things anew.
  /// - Parameter order: their places, first to last; what is not among them has no pixels from here on
  mutating func renumber(_ order: [Int]) {
    var numbers = [Int32](repeating: 0, count: pixels.count + 1)
    for (number, place) in order.enumerated() { numbers[place + 1] = Int32(number + 1) }
    ids.withUnsafeMutableBufferPointer { ids in
      for index in ids.indices { ids[index] = numbers[Int(ids[index])] }
    }
  }

  /// Bilinearly between the middles of the mask's cells; towards the box's edges the outer cells go on, and beyond the
  /// box there is nothing.
  private mutating func lay(_ mask: Mask, as id: Int32, over behind: [Int]) -> Claim? {
    let rows = Axis(from: mask.box[1], to: mask.box[3], cells: mask.cells, side: side)
    let columns = Axis(from: mask.box[0], to: mask.box[2], cells: mask.cells, side: side)
    guard !rows.pixels.isEmpty, !columns.pixels.isEmpty else { return nil }
    let width = columns.pixels.count
    var yields: [Int32] = [-1] + [Int32](repeating: 0, count: pixels.count)
    for thing in behind { yields[thing + 1] = -1 }
    var (inside, free, sum) = (0, 0, Float(0))
    withScratch(mask.cells * width) { wide in
      for row in 0..<mask.cells {
        for (x, source) in columns.sources.enumerated() {
          let (low, high) = (row * mask.cells + source.low, row * mask.cells + source.high)
          wide[row * width + x] = (1 - source.share) * mask.values[low] + source.share * mask.values[high]
        }
      }
      ids.withUnsafeMutableBufferPointer { ids in
        guard let ids = ids.baseAddress else { return }
        for (y, source) in zip(rows.pixels, rows.sources) {
          kernels.mask_row(
            wide + source.low * width, wide + source.high * width, source.share, 0.5,
            ids + y * side + columns.pixels.lowerBound, width, id, yields, &inside, &free, &sum)
        }
      }
    }
    return Claim(inside: inside, free: free, mean: sum / Float(max(free, 1)))
  }

  /// Which cells of a mask the pixels of a row or column lie between.
  private struct Axis {
    /// Whose middles are within the box and the square.
    let pixels: Range<Int>
    let sources: [(low: Int, high: Int, share: Float)]

    init(from low: Float, to high: Float, cells: Int, side: Int) {
      let length = max(high - low, 1e-6)
      var (first, sources): (Int?, [(low: Int, high: Int, share: Float)]) = (nil, [])
      for pixel in max(0, min(side, Int(low)))..<max(0, min(side, Int(high) + 1), min(side, Int(low))) {
        let place = (Float(pixel) + 0.5 - low) / length * 2 - 1
        guard abs(place) <= 1 else { continue }
        let cell = min(max(((place + 1) * Float(cells) - 1) / 2, 0), Float(cells - 1))
        if first == nil { first = pixel }
        sources.append((Int(cell), min(Int(cell) + 1, cells - 1), cell - Float(Int(cell))))
      }
      self.sources = sources
      pixels = (first ?? 0)..<(first ?? 0) + sources.count
    }
  }
}

/// What stuff is where no thing is, decided at half of the square's size, which its edges do not suffer from.
struct StuffVote {
  /// Of each stuff, where it is the likeliest and no thing is.
  private(set) var pixels: [Int]
  /// How likely each is, summed over these pixels.
  private(set) var likelihood: [Double]
  /// The likeliest stuff of each pixel of the half square.
  private let winners: [Int32]
  private let logits: FeatureMap
  private let half: Int

  /// - Parameters:
  ///   - logits: of the stuff, and of things behind it
  ///   - ids: of the things at the square's size
  init(_ logits: FeatureMap, ids: [Int32], side: Int) {
    let (half, channels, stuff) = (side / 2, logits.channels, logits.channels - 1)
    let grain = Parallel.balancedGrain(half, target: 16)
    let pieces = (half + grain - 1) / grain
    var counts = [Int](repeating: 0, count: pieces * channels)
    var sums = [Double](repeating: 0, count: pieces * channels)
    // What is last is not stuff, however likely.
    let scores = [Float](repeating: 1, count: stuff) + [0]
    winners = [Int32](unsafeUninitializedCapacity: half * half) { winners, filled in
      filled = half * half
      counts.withUnsafeMutableBufferPointer { counts in
        sums.withUnsafeMutableBufferPointer { sums in
          // Each piece writes its own rows and sums.
          nonisolated(unsafe) let (winners, counts, sums) = (winners.baseAddress, counts, sums)
          Parallel.forEachRange(half, grain: grain) { rows in
            guard let winners else { return }
            let piece = rows.lowerBound / grain * channels
            var reached = [Int32](repeating: 0, count: channels)
            withScratch(half * channels) { row in
              for y in rows {
                logits.resizeRow(y, height: half, width: half, into: row)
                kernels.softmax(row, half, channels, 1, nil, nil)
                let labels = winners + y * half
                kernels.scored_argmax(row, half, channels, scores, .infinity, labels, &reached)
                ids.withUnsafeBufferPointer { ids in
                  for x in 0..<half where ids[2 * y * side + 2 * x] == 0 {
                    let label = Int(labels[x])
                    counts[piece + label] += 1
                    sums[piece + label] += Double(row[x * channels + label])
                  }
                }
              }
            }
          }
        }
      }
    }
    func total<Value: AdditiveArithmetic>(_ values: [Value]) -> [Value] {
      (0..<stuff).map { label in
        stride(from: label, to: values.count, by: channels).reduce(.zero) { $0 + values[$1] }
      }
    }
    pixels = total(counts)
    likelihood = total(sums)
    self.logits = logits
    self.half = half
  }

  /// The map with stuff wherever no thing is: what is dropped leaves its pixels to what is likeliest there of the stuff
  /// that is kept.
  /// - Parameters:
  ///   - ids: as the vote was begun with
  ///   - numbers: by stuff its id; 0 for what is dropped
  func filled(_ ids: [Int32], with numbers: [Int32]) -> [Int32] {
    guard numbers.contains(where: { $0 != 0 }) else { return ids }
    let (half, side, channels) = (half, 2 * half, logits.channels)
    let ones = [Float](repeating: 1, count: channels)
    let onlyKept = (numbers + [0]).map { $0 == 0 ? -Float.infinity : 0 }
    var ids = ids
    ids.withUnsafeMutableBufferPointer { ids in
      nonisolated(unsafe) let ids = ids
      Parallel.forEachRange(half, grain: Parallel.balancedGrain(half, target: 16)) { rows in
        var (others, reached) = ([Int32](repeating: 0, count: half), [Int32](repeating: 0, count: channels))
        withScratch(half * channels) { row in
          for y in rows {
            let labels = winners[y * half..<(y + 1) * half]
            if labels.contains(where: { numbers[Int($0)] == 0 }) {
              logits.resizeRow(y, height: half, width: half, into: row)
              kernels.bias_activation(row, half, channels, channels, onlyKept, CK_ACTIVATION_NONE, nil, 0)
              kernels.scored_argmax(row, half, channels, ones, .infinity, &others, &reached)
            }
            for (x, label) in labels.enumerated() {
              let own = numbers[Int(label)]
              let id = own != 0 ? own : numbers[Int(others[x])]
              for place in [2 * y * side + 2 * x, (2 * y + 1) * side + 2 * x] {
                if ids[place] == 0 { ids[place] = id }
                if ids[place + 1] == 0 { ids[place + 1] = id }
              }
            }
          }
        }
      }
    }
    return ids
  }
}
