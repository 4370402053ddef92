/// How the next token is chosen.
public struct Sampling: Sendable, Equatable {
  /// 0 takes the likeliest token, always.
  public var temperature: Float
  /// Keeps the k likeliest; 0 keeps all.
  public var topK: Int
  /// Keeps the likeliest that together have this probability.
  public var topP: Float
  /// Keeps tokens at least this likely beside the likeliest.
  public var minP: Float
  /// Divides the logits of tokens that have occurred (multiplies negative ones); 1 leaves them
  /// (CTRL, arXiv 1909.05858).
  public var repetitionPenalty: Float
  public var seed: UInt64

  /// Greedy unless told.
  public init(
    temperature: Float = 0, topK: Int = 0, topP: Float = 1, minP: Float = 0, repetitionPenalty: Float = 1,
    seed: UInt64 = 0
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.seed = seed
  }

  /// - Throws: ``LanguageError/badSampling(_:)``
  func check() throws {
    let faults = [
      (!(temperature >= 0 && temperature.isFinite), "the temperature is \(temperature); it is 0 or more"),
      (topK < 0, "top-k is \(topK); it is 0 or more"),
      (!(topP > 0 && topP <= 1), "top-p is \(topP); it is above 0 and at most 1"),
      (!(minP >= 0 && minP <= 1), "min-p is \(minP); it is from 0 to 1"),
      (
        !(repetitionPenalty > 0 && repetitionPenalty.isFinite),
        "the repetition penalty is \(repetitionPenalty); it is above 0"
      ),
    ]
    if let fault = faults.first(where: \.0) { throw LanguageError.badSampling(fault.1) }
  }
}
