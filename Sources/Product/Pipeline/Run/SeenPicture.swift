public import CrayonCore
public import CrayonPrompting
import Fusion
import Grounding
public import Language
public import Panoptic
public import Tensors

/// How a picture is encoded.
public struct LookOptions: Sendable {
  /// What of the map the language model is shown.
  public enum Crayon: String, Sendable, CaseIterable {
    /// Features with classes and numbers, and the listing.
    case on
    /// Features with classes alone, and the listing.
    case semantic
    /// Nothing.
    case off
  }

  /// How much of the map the model is shown.
  public var crayon: Crayon
  /// In place of the pipeline's own; nil for that.
  public var listing: ListingStyle?
  /// Segments that are taken off the map.
  public var dropped: Set<Int32>
  /// A map that exists, in place of the segmenter's.
  public var map: PrecomputedSegmenter?

  /// Memberwise.
  public init(
    crayon: Crayon = .on, listing: ListingStyle? = nil, dropped: Set<Int32> = [],
    map: PrecomputedSegmenter? = nil
  ) {
    self.crayon = crayon
    self.map = map
    self.listing = listing
    self.dropped = dropped
  }
}

/// How a question is answered.
public struct AskOptions: Sendable {
  /// The gains that requests may ask for: more than was ever of use; a far larger one overflows in the model.
  public static let gains: ClosedRange<Float> = -8...8

  /// Gains of the two adapters of Dual QLoRA; 0 switches one off.
  public var imageGain: Float
  /// The same of the visual-language adapter.
  public var visualLanguageGain: Float
  /// How the answer is written.
  public var answer: AnswerOptions
  /// Regions that the question speaks of as `[1]`, `[2]`, …, in pixels of the picture.
  public var regions: [PictureBox]
  /// In place of the pipeline's own; nil for that.
  public var boxes: GroundingConfiguration.Boxes?

  /// Memberwise.
  public init(
    imageGain: Float = 1, visualLanguageGain: Float = 1, answer: AnswerOptions = AnswerOptions(),
    regions: [PictureBox] = [], boxes: GroundingConfiguration.Boxes? = nil
  ) {
    self.imageGain = imageGain
    self.visualLanguageGain = visualLanguageGain
    self.answer = answer
    self.regions = regions
    self.boxes = boxes
  }
}

/// A picture with all that does not depend on the question: the expensive half of the pipeline.
public struct SeenPicture: Sendable {
  /// Stage 1.
  public let image: RGBImage
  /// Stage 2, without the segments that were dropped.
  public let map: PanopticMap
  /// What the map could have named: the segmenter's vocabulary, or that of a map that was given; nil where nothing
  /// was segmented, because the language model is shown no map.
  public let vocabulary: CategoryTable?
  /// Stage 3.
  public let crayon: CrayonPrompt
  /// Stage 4.
  public let vision: VisionTokens
  /// The image tokens in the language model's space, [N, width].
  public let imageTokens: Tensor
  /// Nil where the language model is not shown single objects.
  let segmentTokens: SegmentTokens?
  /// The listing's objects, where the language model is shown them.
  let objects: [FusionInput.Object]
  /// The crayon features, [N, width]; nil where the language model is not shown the map.
  public let crayonFeatures: Tensor?
  /// What the language model can point at; nil where it is not shown the map.
  let segments: PointableSegments?
  /// What stage 7 draws masks on: made for the first mask, and kept for those of further questions.
  let canvas: OnDemand<MaskCanvas?>
  /// Of stages 1 to 4.
  public let timings: StageTimings
}

extension SeenPicture {
  /// The box of the segment at a pixel.
  /// - Throws: ``PictureError/noSegmentAt(x:y:)``
  public func segmentBox(x: Int, y: Int) throws -> PictureBox {
    guard (0..<map.width).contains(x), (0..<map.height).contains(y),
      let segment = map.segments.first(where: { $0.id == map.ids[y * map.width + x] })
    else { throw PictureError.noSegmentAt(x: x, y: y) }
    let box = segment.box
    return PictureBox(x0: Double(box.x0), y0: Double(box.y0), x1: Double(box.x1), y1: Double(box.y1))
  }
}

extension PanopticMap {
  /// The map without some segments: their pixels become void.
  /// - Throws: ``PictureError/noSuchSegment(_:known:)``
  func dropping(_ dropped: Set<Int32>) throws -> PanopticMap {
    guard !dropped.isEmpty else { return self }
    let known = segments.map { $0.id }
    if let unknown = dropped.sorted().first(where: { !known.contains($0) }) {
      throw PictureError.noSuchSegment(unknown, known: known)
    }
    let labels = segments.filter { !dropped.contains($0.id) }.map { segment in
      (segment.id, Label(category: segment.category, score: segment.score, isCrowd: segment.isCrowd))
    }
    return try PanopticMap(
      width: width, height: height, ids: ids.map { dropped.contains($0) ? Self.void : $0 },
      labels: Dictionary(labels, uniquingKeysWith: { first, _ in first }))
  }
}

/// Why a question on a picture cannot be asked this way.
public enum PictureError: Error, Equatable, CustomStringConvertible {
  case noSuchSegment(Int32, known: [Int32])
  case regionOutside(number: Int, width: Int, height: Int)
  case noSegmentAt(x: Int, y: Int)
  case cancelled

  public var description: String {
    switch self {
    case .noSuchSegment(let id, let known):
      "the map has no segment \(id); it has "
        + (known.isEmpty ? "none" : known.prefix(40).map(String.init).joined(separator: ", "))
    case .regionOutside(let number, let width, let height):
      "region \(number) has no part of the picture, which has \(width)×\(height) pixels"
    case .noSegmentAt(let x, let y): "there is no segment at \(x),\(y)"
    case .cancelled: "stopped"
    }
  }
}
