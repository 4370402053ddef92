public import Checkpoints
import CKernels
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
  /// nil where boxes are decoded from hidden states alone.
  public let pointer: SegmentPointer?

  /// The language model's.
  public var width: Int { boxDecoder.inputs }

  /// - Precondition: the widths fit each other.
  public init(locationEncoder: Perceptron, boxDecoder: Perceptron, pointer: SegmentPointer? = nil) {
    precondition(locationEncoder.inputs == 4 && boxDecoder.outputs == 4)
    precondition(locationEncoder.outputs == boxDecoder.inputs)
    self.locationEncoder = locationEncoder
    self.boxDecoder = boxDecoder
    self.pointer = pointer
  }

  /// Takes the heads from a checkpoint.
  /// - Parameters:
  ///   - weights: has the heads under `names`
  ///   - width: the language model's
  ///   - names: what the checkpoint calls the heads; no pointer where it names none
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(_ weights: WeightReader, width: Int, names: GroundingNames = .pocket) throws {
    self.init(
      locationEncoder: try Perceptron(
        weights.scoped(names.locationEncoder), names: ["0", "2"], widths: [4, width / 2, width]),
      boxDecoder: try Perceptron(
        weights.scoped(names.boxDecoder), names: ["0", "2"], widths: [width, width / 2, 4]),
      pointer: try names.pointer.map { try SegmentPointer(weights.scoped($0), width: width) })
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

  /// The embedding of the box that a hidden state means, by both heads. [count, width] → [count, width]
  public func locations(of hidden: Tensor) -> Tensor { locationEncoder(boxDecoder(hidden)) }
}

/// The heads on one picture: what a trigger's hidden state means there.
public struct Pointing: TriggerLocator {
  /// Where a trigger points.
  public struct Place: Sendable {
    /// Of the map, where it was pointed at; nil where the box is decoded from the hidden state alone.
    public let segment: Int32?
    /// In fractions of the frame in which the language model sees the picture.
    public let box: FrameBox
    /// What the model reads at the slot behind the trigger, [1, width].
    public let location: Tensor
  }

  /// What can be pointed at, as the heads have it.
  private struct Targets: Sendable {
    var pointer: SegmentPointer
    var ids: [Int32]
    /// [segments, width]
    var locations: Tensor
    /// [segments, inner width of the pointer]
    var keys: Tensor
  }

  /// Which decode boxes and encode locations.
  public let heads: GroundingHeads
  private let targets: Targets?

  /// - Parameters:
  ///   - heads: decode boxes and encode locations; without a pointer no segment is pointed at
  ///   - segments: those of the map that the language model is shown; nil where it is shown none
  public init(_ heads: GroundingHeads, at segments: PointableSegments?) {
    self.heads = heads
    guard let pointer = heads.pointer, let segments, !segments.ids.isEmpty else {
      targets = nil
      return
    }
    let locations = heads.embeddings(of: segments.boxes)
    targets = Targets(
      pointer: pointer, ids: segments.ids, locations: locations,
      keys: pointer.keys(of: segments.features + locations))
  }

  /// Where the triggers of an answer point: each at a segment that none before it means, whose location the box decoder
  /// reads; or where there is none to point at, at the box that its state means.
  /// - Parameter states: [width] each, in the order of the answer
  public func places(of states: [Tensor]) -> [Place] {
    let states = states.map { $0.reshaped([1, heads.width]) }
    guard let targets else { return states.map(decoded) }
    var taken: Set<Int> = []
    return states.map { state in
      let scores = targets.pointer.scores(by: state, among: targets.keys)
      guard scores.allSatisfy(\.isFinite) else { return nowhere }
      // Of equal ones the first.
      let choice = scores.indices.filter { !taken.contains($0) }.max { (scores[$0], $1) < (scores[$1], $0) }
      guard let choice else { return decoded(state) }
      taken.insert(choice)
      let location = targets.locations.rows(choice..<choice + 1)
      return Place(segment: targets.ids[choice], box: heads.boxes(of: location)[0], location: location)
    }
  }

  /// What broken scores mean: no box, and behind the trigger numbers that are none, at which the decoder stops.
  private var nowhere: Place {
    Place(
      segment: nil, box: FrameBox(x0: .nan, y0: .nan, x1: .nan, y1: .nan),
      location: Tensor([Float](repeating: .nan, count: heads.width), shape: [1, heads.width]))
  }

  private func decoded(_ state: Tensor) -> Place {
    Place(segment: nil, box: heads.boxes(of: state)[0], location: heads.locations(of: state))
  }

  /// - Precondition: there is a state.
  public func location(ofLast states: [Tensor]) -> Tensor {
    places(of: states)[states.count - 1].location.reshaped([heads.width])
  }
}

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

  /// - Parameters:
  ///   - weights: has `query.weight` and `key.weight`, [inner, width] each
  ///   - width: the language model's
  ///   - inner: width in which states and segments are compared
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

  /// How much each segment is meant; their scale makes no difference to which is meant most.
  /// - Parameters:
  ///   - hidden: at a trigger, [1, width]
  ///   - keys: [segments, inner width]
  func scores(by hidden: Tensor, among keys: Tensor) -> [Float] {
    let asked = query(hidden).values
    let keys = keys.values
    return (0..<keys.count / asked.count).map { row in
      zip(asked, keys[row * asked.count..<(row + 1) * asked.count]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    }
  }
}

/// What checkpoints call the heads.
public struct GroundingNames: Sendable, Hashable {
  /// Of ``GroundingHeads/locationEncoder``.
  public var locationEncoder: String
  /// Of ``GroundingHeads/boxDecoder``.
  public var boxDecoder: String
  /// Of ``RegionMasker/maskPrompt``.
  public var maskPrompt: String
  /// nil where there is none: boxes are then decoded from states alone.
  public var pointer: String?

  /// Memberwise.
  public init(locationEncoder: String, boxDecoder: String, maskPrompt: String, pointer: String? = nil) {
    self.locationEncoder = locationEncoder
    self.boxDecoder = boxDecoder
    self.maskPrompt = maskPrompt
    self.pointer = pointer
  }

  /// This project's own files.
  public static let pocket = GroundingNames(
    locationEncoder: "location_encoder", boxDecoder: "box_decoder", maskPrompt: "mask_prompt",
    pointer: "pointer")
  /// `AoZhang/nextchat-7b-336`
  public static let nextChat = GroundingNames(
    locationEncoder: "loc_encoder", boxDecoder: "loc_decoder", maskPrompt: "seg_prompt_mlp")
}
