public import CrayonCore
import Language

/// What came of a question on a picture: the result of every stage behind the picture, and the times.
public struct PictureAnswer: Sendable {
  /// As it was asked.
  public let question: String
  /// What the language model read.
  public let sequence: FusedSequence
  /// What it wrote.
  public let reply: Reply
  /// What the reply points at; empty where it points at nothing.
  public let regions: Regions
  /// Nouns of the question that COCO has a category for and the segmenter has none: what is said of them was not seen
  /// on the map.
  public let unseenNouns: [String]
  /// Of the stages that this question needed.
  public let timings: StageTimings

  /// The reply's words, with `[1]`, `[2]`, … where it points at `Region.number`.
  public var text: String { reply.markedText }
}

extension FusedSequence.Kind {
  /// What a person would call it, and how it is made shorter.
  var inWords: String {
    switch self {
    case .listing, .object: "the list of what the map shows (--listing names or none shortens it)"
    case .question: "the questions (ask a shorter one, or /reset in a chat)"
    case .image: "the picture"
    case .region: "the regions"
    case .template: "the words around them"
    }
  }
}

/// How long each stage took for one question.
public struct StageTimings: Sendable, Equatable {
  /// A stage, by the name that files and reports use.
  public enum Stage: String, Sendable, CaseIterable {
    case imaging, panoptic, crayonPrompt, vision, fusion, language, grounding
  }

  /// What became of a stage.
  public struct Entry: Sendable, Equatable {
    /// On the wall.
    public var milliseconds: Double
    /// Whether the result was known from an earlier run, or an earlier question.
    public var wasKnown: Bool
  }

  /// Of the stages that have run.
  public private(set) var entries: [Stage: Entry] = [:]

  /// No stage has run.
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
