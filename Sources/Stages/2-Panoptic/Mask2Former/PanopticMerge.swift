import CKernels
import CrayonCore
import Layers
import Tensors

/// Makes one map of many overlapping masks (transformers' `post_process_panoptic_segmentation`): the
/// confident queries compete for every pixel, and a query that loses most of its mask is dropped.
public struct PanopticMerge: Sendable, Equatable {
  /// A query below this probability is nothing.
  public var threshold: Float
  /// A query claims a pixel where mask probability times score is at least this.
  public var maskThreshold: Float
  /// A segment must keep more than this part of the pixels that it claims.
  public var overlapThreshold: Double
  /// Labels whose segments become one.
  public var fusedLabels: Set<Int>

  /// The defaults are transformers'.
  public init(
    threshold: Float = 0.5, maskThreshold: Float = 0.5, overlapThreshold: Double = 0.8,
    fusedLabels: Set<Int> = []
  ) {
    self.threshold = threshold
    self.maskThreshold = maskThreshold
    self.overlapThreshold = overlapThreshold
    self.fusedLabels = fusedLabels
  }

  /// A map before its segments have categories.
  struct Result: Equatable {
    /// Row-major; 0 is void.
    var ids: [Int32]
    /// Label index and score of the segments 1, 2, 3, ….
    var segments: [(label: Int, score: Float)]

    static func == (a: Result, b: Result) -> Bool {
      a.ids == b.ids && a.segments.elementsEqual(b.segments) { $0 == $1 }
    }
  }

  /// Masks are brought to this size before they become probabilities, whatever the picture's.
  private static let intermediateSide = 384

  /// - Parameters:
  ///   - classLogits: [queries, labels + 1]
  ///   - maskLogits: for some queries in order, their mask logits channels last
  ///   - width, height: of the map to make
  /// - Throws: ``SegmenterError/notFinite`` where the masks' logits are no numbers
  func callAsFunction(
    classLogits: Tensor, maskLogits: ([Int]) -> FeatureMap, width: Int, height: Int
  ) throws -> Result {
    let candidates = candidates(classLogits)
    guard !candidates.isEmpty else {
      return Result(ids: Array(repeating: PanopticMap.void, count: width * height), segments: [])
    }
    var masks = maskLogits(candidates.map(\.query))
      .resized(height: Self.intermediateSide, width: Self.intermediateSide)
    try SegmenterError.requireFinite([masks.values])
    masks.applySigmoid()
    let contest = contest(masks, scores: candidates.map(\.score), width: width, height: height)

    var won = [Int](repeating: 0, count: candidates.count)
    for winner in contest.winners { won[Int(winner)] += 1 }
    var segments: [(label: Int, score: Float)] = []
    var fused: [Int: Int32] = [:]
    let idOfCandidate = candidates.indices.map { index -> Int32 in
      let claimed = contest.claimed[index]
      guard won[index] > 0, claimed > 0,
        Double(Float(won[index]) / Float(claimed)) > overlapThreshold
      else { return PanopticMap.void }
      let label = candidates[index].label
      if let id = fused[label] { return id }
      segments.append((label, candidates[index].score))
      let id = Int32(segments.count)
      if fusedLabels.contains(label) { fused[label] = id }
      return id
    }
    return Result(ids: contest.winners.map { idOfCandidate[Int($0)] }, segments: segments)
  }

  private struct Candidate {
    var query: Int
    var label: Int
    var score: Float
  }

  /// The queries whose best label is one, and probable enough.
  private func candidates(_ classLogits: Tensor) -> [Candidate] {
    let (queries, classes) = (classLogits.shape[0], classLogits.shape[1])
    var probabilities = classLogits
    probabilities.write { kernels.softmax($0, queries, classes, 1, nil, nil) }
    return probabilities.read { probabilities in
      (0..<queries).compactMap { query in
        let row = UnsafeBufferPointer(start: probabilities + query * classes, count: classes)
        guard let best = row.indices.max(by: { row[$0] < row[$1] }) else { return nil }
        // `max(by:)` gives the last of equals; the first is wanted.
        let label = row.firstIndex(of: row[best]) ?? best
        guard label < classes - 1, row[label] > threshold else { return nil }
        return Candidate(query: query, label: label, score: row[label])
      }
    }
  }

  /// For every pixel of the map the strongest candidate, and for every candidate how many pixels it claims.
  private func contest(
    _ masks: FeatureMap, scores: [Float], width: Int, height: Int
  ) -> (winners: [Int32], claimed: [Int]) {
    let count = scores.count
    let grain = Parallel.balancedGrain(height, target: 16)
    let pieces = (height + grain - 1) / grain
    var reached = [Int32](repeating: 0, count: pieces * count)
    let winners = [Int32](unsafeUninitializedCapacity: width * height) { winners, filled in
      filled = width * height
      nonisolated(unsafe) let winners = winners.baseAddress
      reached.withUnsafeMutableBufferPointer { reached in
        nonisolated(unsafe) let reached = reached.baseAddress
        Parallel.forEachRange(height, grain: grain) { rows in
          guard let winners, let reached else { return }
          // One row at a time: the masks at the size of the picture are never stored.
          withScratch(width * count) { row in
            for y in rows {
              masks.resizeRow(y, height: height, width: width, into: row)
              kernels.scored_argmax(
                row, width, count, scores, maskThreshold, winners + y * width,
                reached + rows.lowerBound / grain * count)
            }
          }
        }
      }
    }
    let claimed = (0..<count).map { candidate in
      (0..<pieces).reduce(0) { $0 + Int(reached[$1 * count + candidate]) }
    }
    return (winners, claimed)
  }
}

extension FeatureMap {
  fileprivate mutating func applySigmoid() {
    let (rows, channels) = (positions, channels)
    values.write { values in
      Parallel.forEachRange(rows, grain: 1024) { range in
        kernels.bias_activation(
          values + range.lowerBound * channels, range.count, channels, channels, nil,
          CK_ACTIVATION_SIGMOID, nil, 0)
      }
    }
  }
}
