/// What a run of `crayon synth` makes. Two runs of the same plan make the same files.
public struct SynthesisPlan: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Maps without pictures.
    case layouts
    /// Rendered pictures with their maps.
    case scenes
  }

  public var kind: Kind
  public var width: Int
  public var height: Int
  /// Of the first picture; the others count on from it.
  public var seed: UInt64
  public var count: Int
  /// Questions a picture.
  public var questions: Int

  /// - Throws: ``SynthesisError/badCount(_:)``, or ``SynthesisError/crossesIntoEvaluation(seed:count:)``, so
  ///   that nothing made for training is evaluated on.
  public init(
    kind: Kind, width: Int, height: Int, seed: UInt64, count: Int, questions: Int
  ) throws {
    // Seeds are the pictures' ids, which other programs read as signed or floating-point numbers.
    guard count > 0, count <= 10_000_000, seed <= 1 << 40, (0...1000).contains(questions) else {
      throw SynthesisError.badCount(count)
    }
    let last = seed + UInt64(count) - 1
    let first = QuestionGenerator.firstEvaluationSeed
    guard seed >= first || last < first else {
      throw SynthesisError.crossesIntoEvaluation(seed: seed, count: count)
    }
    self.kind = kind
    self.width = width
    self.height = height
    self.seed = seed
    self.count = count
    self.questions = questions
  }
}
