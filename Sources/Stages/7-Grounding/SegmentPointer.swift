import CKernels
public import Checkpoints
public import CrayonCore
import Layers
public import Tensors

/// What a trigger can mean: the segments of the map that the language model is shown.
public struct PointableSegments: Sendable {
  /// In the map.
  public let ids: [Int32]
  /// In fractions of the frame in which the language model sees the picture.
  public let boxes: [FrameBox]
  /// The crayon features of each one's category and number, [segments, width].
  public let features: Tensor

  /// - Precondition: as many boxes and rows of features as ids.
  public init(ids: [Int32], boxes: [FrameBox], features: Tensor) {
    precondition(ids.count == boxes.count && features.shape.first == ids.count)
    self.ids = ids
    self.boxes = boxes
    self.features = features
  }
}

/// Chooses the segment that a trigger's hidden state means: attention of the state over the crayon features of each
/// segment and the location of its box. This project's addition to pix2emb (arXiv 2311.04498), whose decoder has to find
/// the numbers of a box in the state alone: it reads the location of the chosen segment instead.
public struct SegmentPointer: Sendable {
  /// [width] → [inner width]
  private let query: Linear
  private let key: Linear

  /// - Parameter width: the language model's
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(_ weights: WeightReader, width: Int, inner: Int = 64) throws {
    func layer(_ name: String) throws -> Linear {
      Linear(weight: try weights.scoped(name).tensor("weight", shape: [inner, width]), bias: nil)
    }
    query = try layer("query")
    key = try layer("key")
  }

  /// What a segment is found by, whichever trigger asks.
  /// - Parameter segments: crayon features and location of each, added, [segments, width]
  /// - Returns: [segments, inner width]
  func keys(of segments: Tensor) -> Tensor {
    let (count, width) = (segments.shape[0], segments.shape[1])
    let ones = [Float](repeating: 1, count: width)
    return key(
      Tensor(shape: [count, width]) { out in
        segments.read { kernels.rms_norm($0, out, count, width, ones, 1e-6) }
      })
  }

  /// The place among the keys of the segment that is meant; of equal ones the first; nil where none is left. The scale of
  /// the scores makes no difference to that.
  /// - Parameters:
  ///   - hidden: at a trigger, [1, width]
  ///   - keys: [segments, inner width]
  ///   - taken: places that are not meant
  func choice(by hidden: Tensor, among keys: Tensor, without taken: Set<Int>) -> Int? {
    let asked = query(hidden).values
    let keys = keys.values
    let scores = (0..<keys.count / asked.count).map { row in
      zip(asked, keys[row * asked.count..<(row + 1) * asked.count]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    }
    return scores.indices.filter { !taken.contains($0) }.max { (scores[$0], $1) < (scores[$1], $0) }
  }
}
