import CrayonCore
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
    let rest = transcript.finish()
    if !rest.isEmpty { heard(rest) }
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

  init(_ tokenizer: any Tokenizer, _ stops: [String], trigger: Int?) {
    stopping = StoppingText(stops)
    detokenizer = IncrementalDetokenizer(tokenizer)
    self.trigger = trigger
  }

  var text: String { stopping.text }
  var isStopped: Bool { stopping.isStopped }

  /// - Parameter heard: called with what can be given out now
  mutating func append(_ token: Int, heard: (String) -> Void) {
    if token == trigger {
      triggerOffsets.append(stopping.length)
      heard(Reply.mark(triggerOffsets.count))
    }
    let piece = stopping.append(detokenizer.append(token))
    if !piece.isEmpty { heard(piece) }
  }

  mutating func finish() -> String {
    stopping.isStopped ? "" : stopping.append(detokenizer.finish()) + stopping.finish()
  }
}
