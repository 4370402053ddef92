public import CrayonCore
import Language

/// What came of a question on a picture: the result of every stage behind the picture, and the times.
public struct PictureAnswer: Sendable {
  public let question: String
  public let sequence: FusedSequence
  public let reply: Reply
  /// What the reply points at; empty where it points at nothing.
  public let regions: Regions
  /// Nouns of the question that COCO has a category for and the segmenter has none: what is said of them was not seen
  /// on the map.
  public let unseenNouns: [String]
  public let timings: StageTimings

  /// The reply's words, with `[1]`, `[2]`, … where it points at ``Region/number``.
  public var text: String { reply.markedText }
}
