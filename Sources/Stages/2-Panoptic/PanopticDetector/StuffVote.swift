import CKernels
import Layers
import Tensors

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
