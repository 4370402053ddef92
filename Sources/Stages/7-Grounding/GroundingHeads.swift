public import Checkpoints
public import CrayonCore
public import Layers
public import Tensors

/// The ways between a language model's hidden states and boxes (NExT-Chat's pix2emb, arXiv 2311.04498): G, the location
/// encoder, makes an embedding of a box, and F, the box decoder, a box of a hidden state. Boxes are x0, y0, x1, y1 in
/// fractions of the frame in which the language model sees the picture.
public struct GroundingHeads: Sendable {
  /// [4] → [width]
  public let locationEncoder: Perceptron
  /// [width] → [4]
  public let boxDecoder: Perceptron

  public var width: Int { boxDecoder.inputs }

  /// - Precondition: the widths fit each other.
  public init(locationEncoder: Perceptron, boxDecoder: Perceptron) {
    precondition(locationEncoder.inputs == 4 && boxDecoder.outputs == 4)
    precondition(locationEncoder.outputs == boxDecoder.inputs)
    self.locationEncoder = locationEncoder
    self.boxDecoder = boxDecoder
  }

  /// Takes both heads from a checkpoint.
  /// - Parameter width: the language model's
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(_ weights: WeightReader, width: Int, names: GroundingNames = .pocket) throws {
    self.init(
      locationEncoder: try Perceptron(
        weights.scoped(names.locationEncoder), names: ["0", "2"], widths: [4, width / 2, width]),
      boxDecoder: try Perceptron(
        weights.scoped(names.boxDecoder), names: ["0", "2"], widths: [width, width / 2, 4]))
  }

  /// The embeddings of boxes. [boxes, width]
  public func embeddings(of boxes: [FrameBox]) -> Tensor {
    let values = boxes.flatMap { [Float($0.x0), Float($0.y0), Float($0.x1), Float($0.y1)] }
    return locationEncoder(Tensor(values, shape: [boxes.count, 4]))
  }

  /// The boxes that hidden states [count, width] mean, as they come: not cut, not ordered, perhaps no numbers.
  public func boxes(of hidden: Tensor) -> [FrameBox] {
    let values = boxDecoder(hidden).values.map(Double.init)
    return (0..<hidden.shape[0]).map { row in
      FrameBox(
        x0: values[row * 4], y0: values[row * 4 + 1], x1: values[row * 4 + 2], y1: values[row * 4 + 3])
    }
  }

  /// What the model reads at the slot behind a trigger: the embedding of the box that its hidden state means.
  /// [count, width] → [count, width]
  public func locations(of hidden: Tensor) -> Tensor { locationEncoder(boxDecoder(hidden)) }
}
