/// How long each stage took for one question.
public struct StageTimings: Sendable, Equatable {
  /// A stage, by the name that files and reports use.
  public enum Stage: String, Sendable, CaseIterable {
    case imaging, panoptic, crayonPrompt, vision, fusion, language, grounding
  }

  /// What became of a stage.
  public struct Entry: Sendable, Equatable {
    public var milliseconds: Double
    /// Whether the result was known from an earlier run, or an earlier question.
    public var wasKnown: Bool
  }

  public private(set) var entries: [Stage: Entry] = [:]

  public init() {}

  /// Does a stage's work and notes how long it took.
  mutating func measure<Result>(_ stage: Stage, _ work: () throws -> Result) rethrows -> Result {
    try measure(stage) { (try work(), wasKnown: false) }
  }

  /// Does a stage's work, or finds its result, and notes how long that took.
  mutating func measure<Result>(
    _ stage: Stage, _ work: () throws -> (Result, wasKnown: Bool)
  ) rethrows -> Result {
    let began = ContinuousClock.now
    let (result, wasKnown) = try work()
    entries[stage] = Entry(milliseconds: (ContinuousClock.now - began) / .milliseconds(1), wasKnown: wasKnown)
    return result
  }

  /// These, with the stages of another run in their place.
  func replacing(with other: StageTimings) -> StageTimings {
    var result = self
    result.entries.merge(other.entries) { $1 }
    return result
  }

  /// The same work, done before: what a further question on a picture pays for these stages.
  var known: StageTimings {
    var result = self
    result.entries = entries.mapValues { _ in Entry(milliseconds: 0, wasKnown: true) }
    return result
  }
}
