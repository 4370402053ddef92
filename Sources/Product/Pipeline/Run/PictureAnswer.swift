public import CrayonCore

/// What came of a question on a picture: the result of every stage behind the picture, and the times.
public struct PictureAnswer: Sendable {
  public let question: String
  public let sequence: FusedSequence
  public let reply: Reply
  public let timings: StageTimings
}
