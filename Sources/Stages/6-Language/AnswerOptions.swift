/// How an answer is made.
public struct AnswerOptions: Sendable {
  /// The most tokens.
  public var limit: Int
  public var sampling: Sampling
  /// Texts that end the answer and are not part of it.
  public var stops: [String]
  /// Branches of a beam search; 1 for none.
  public var beams: Int

  public init(limit: Int = 256, sampling: Sampling = Sampling(), stops: [String] = [], beams: Int = 1) {
    self.limit = limit
    self.sampling = sampling
    self.stops = stops
    self.beams = beams
  }
}
