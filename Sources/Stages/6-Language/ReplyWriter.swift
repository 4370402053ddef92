public import CrayonCore
import Foundation
import Tensors
import Tokenizers

/// Reads a prompt and writes what the model answers, as text that grows.
struct ReplyWriter {
  let tokenizer: any Tokenizer
  let options: AnswerOptions
  let stops: Set<Int>
  let trigger: LocationTrigger?
  var isCancelled: () -> Bool = { false }

  /// - Parameters:
  ///   - heard: called with every piece of text as it is made, and with `[1]`, `[2]`, … where the model points
  ///   - prefill: takes the generator to the prompt
  func write(
    _ generator: inout Generator, promptTokens: Int, heard: (String) -> Void,
    prefill: (inout Generator) throws -> (hidden: Tensor, reused: Int)
  ) throws -> Reply {
    let began = ContinuousClock.now
    let (hidden, reused) = try prefill(&generator)
    var first: ContinuousClock.Instant?
    var transcript = Transcript(tokenizer, options.stops, trigger: trigger?.token)
    var wasCancelled = false
    var generation: Generation
    if options.beams > 1 {
      // Nothing is certain before the search has ended.
      generation = try generator.beamSearch(
        from: hidden, width: options.beams, limit: options.limit, stops: stops, trigger: trigger,
        isCancelled: isCancelled)
      first = ContinuousClock.now
      let slots = generation.slots
      for (index, token) in generation.tokens.enumerated() where !slots.contains(index) {
        transcript.append(token, heard: heard)
        if transcript.isStopped {
          generation.tokens.removeLast(generation.tokens.count - index - 1)
          generation.hiddenStates.removeAll { $0.position > index }
          generation.end = .stop
          break
        }
      }
    } else {
      generation = try generator.generate(
        from: hidden, limit: options.limit, sampling: options.sampling, stops: stops, trigger: trigger
      ) { token in
        if first == nil { first = ContinuousClock.now }
        transcript.append(token, heard: heard)
        wasCancelled = isCancelled()
        return !transcript.isStopped && !wasCancelled
      }
    }
    transcript.finish(heard: heard)
    let ended = ContinuousClock.now
    return Reply(
      text: transcript.text, tokens: generation.tokens,
      triggers: zip(generation.hiddenStates, transcript.triggerOffsets).map { made, offset in
        Reply.Trigger(
          position: made.position, textOffset: min(offset, transcript.text.count), state: made.state.values)
      },
      end: wasCancelled ? .cancelled : generation.end, promptTokens: promptTokens, reusedTokens: reused,
      firstTokenSeconds: ((first ?? ended) - began) / .seconds(1),
      writingSeconds: (ended - (first ?? ended)) / .seconds(1))
  }
}

/// Tokens as text, and where in the text the triggers are.
private struct Transcript {
  private var stopping: StoppingText
  private var detokenizer: IncrementalDetokenizer
  private let trigger: Int?
  private(set) var triggerOffsets: [Int] = []
  /// Triggers whose marks have been given out.
  private var marked = 0

  init(_ tokenizer: any Tokenizer, _ stops: [String], trigger: Int?) {
    stopping = StoppingText(stops)
    detokenizer = IncrementalDetokenizer(tokenizer)
    self.trigger = trigger
  }

  var text: String { stopping.text }
  var isStopped: Bool { stopping.isStopped }

  /// - Parameter heard: called with what can be given out now
  mutating func append(_ token: Int, heard: (String) -> Void) {
    if token == trigger { triggerOffsets.append(stopping.length) }
    give(stopping.append(detokenizer.append(token)), heard)
  }

  mutating func finish(heard: (String) -> Void) {
    guard !stopping.isStopped else { return }
    let piece = stopping.append(detokenizer.finish())
    give(piece + stopping.finish(), heard)
  }

  /// Text, with the marks whose places it comes to: text before a mark can be held back as the start of a stop.
  /// - Parameter piece: the end of ``text``
  private mutating func give(_ piece: String, _ heard: (String) -> Void) {
    var rest = Substring(piece)
    var place = text.count - piece.count
    while marked < triggerOffsets.count, stopping.isStopped || triggerOffsets[marked] <= text.count {
      let before = rest.prefix(max(0, triggerOffsets[marked] - place))
      if !before.isEmpty { heard(String(before)) }
      rest = rest.dropFirst(before.count)
      place += before.count
      marked += 1
      heard(Reply.mark(marked))
    }
    if !rest.isEmpty { heard(String(rest)) }
  }
}

/// How an answer is made.
public struct AnswerOptions: Sendable {
  /// The most tokens.
  public var limit: Int
  /// How each token is chosen.
  public var sampling: Sampling
  /// Texts that end the answer and are not part of it.
  public var stops: [String]
  /// Branches of a beam search; 1 for none.
  public var beams: Int

  /// Memberwise.
  public init(limit: Int = 256, sampling: Sampling = Sampling(), stops: [String] = [], beams: Int = 1) {
    self.limit = limit
    self.sampling = sampling
    self.stops = stops
    self.beams = beams
  }
}

/// Text that ends where one of some texts begins, and until then holds back what could be the start of one.
struct StoppingText {
  /// What has been given out.
  private(set) var text = ""
  private(set) var isStopped = false
  private var held = ""
  /// Of what has been given out and what is held back, in characters.
  var length: Int { text.count + held.count }
  private let stops: [String]

  init(_ stops: [String]) { self.stops = stops.filter { !$0.isEmpty } }

  /// - Returns: what can be given out now
  mutating func append(_ piece: String) -> String {
    guard !isStopped else { return "" }
    held += piece
    if let first = stops.compactMap({ held.range(of: $0)?.lowerBound }).min() {
      isStopped = true
      held = String(held[..<first])
      return finish()
    }
    let waiting = stops.map(waiting).max() ?? 0
    return give(held.count - waiting)
  }

  /// - Returns: what was held back
  mutating func finish() -> String { give(held.count) }

  /// How many characters at the end could begin `stop`.
  private func waiting(for stop: String) -> Int {
    (0..<stop.count).last { held.hasSuffix(stop.prefix($0)) } ?? 0
  }

  private mutating func give(_ count: Int) -> String {
    let given = String(held.prefix(count))
    held.removeFirst(given.count)
    text += given
    return given
  }
}

extension Reply {
  /// The text with `[1]`, `[2]`, … where the model points, in the order of `triggers`; a question speaks of its
  /// regions in the same way.
  public var markedText: String { text(marking: Self.mark) }

  /// The text with something put in where the model points.
  /// - Parameter mark: what stands for a trigger, by its number from 1
  public func text(marking mark: (Int) -> String) -> String {
    var marked = ""
    var rest = Substring(text)
    for (index, trigger) in triggers.enumerated() {
      let piece = rest.prefix(max(0, trigger.textOffset - (text.count - rest.count)))
      marked += piece + mark(index + 1)
      rest = rest.dropFirst(piece.count)
    }
    return marked + rest
  }

  static func mark(_ number: Int) -> String { "[\(number)]" }
}
