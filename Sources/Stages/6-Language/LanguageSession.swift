public import CrayonCore
import Tensors
import Tokenizers

/// Stage 6 over several questions on one picture: what the model has read of the picture is not read again.
///
/// A question whose sequence starts as the one before did, under the same adapters, reads only what is new.
public struct LanguageSession: Sendable {
  private let model: LanguageModel
  private let stops: Set<Int>
  private var generator: Generator?
  private var known: Conditions?

  /// Under which the context was read.
  private struct Conditions: Equatable {
    var adapters: AdapterGains
    var imageSpan: Range<Int>
    var crayon: Int
  }

  /// - Parameter stopTokens: by name; those that the vocabulary lacks are passed over
  public init(_ model: LanguageModel, stopTokens: [String]) {
    self.model = model
    stops = Set(stopTokens.compactMap { model.tokenizer.id(of: $0) })
  }

  /// Answers.
  /// - Parameters:
  ///   - trigger: how the model points, where it can
  ///   - isCancelled: asked after every token
  ///   - heard: called with every piece of text as it is made
  /// - Throws: ``LanguageError``
  public mutating func reply(
    to sequence: FusedSequence, adapters: AdapterGains, options: AnswerOptions = AnswerOptions(),
    trigger: LocationTrigger? = nil, isCancelled: @escaping () -> Bool = { false },
    heard: (String) -> Void = { _ in }
  ) throws -> Reply {
    let conditions = Conditions(
      adapters: adapters, imageSpan: sequence.imageSpan, crayon: sequence.crayonFeatures?.contentHash ?? 0)
    var generator: Generator
    if let kept = self.generator, conditions == known {
      generator = kept
    } else {
      generator = Generator(
        model.decoder,
        conditions: DecoderConditions(
          adapters: adapters, imageSpan: sequence.imageSpan, crayonFeatures: sequence.crayonFeatures))
    }
    // One owner at a time: the cache is large and must not be copied to be written.
    self.generator = nil
    known = conditions
    defer { self.generator = generator }
    let writer = ReplyWriter(
      tokenizer: model.tokenizer, options: options, stops: stops, trigger: trigger, isCancelled: isCancelled)
    return try writer.write(&generator, promptTokens: sequence.count, heard: heard) { try $0.prefill(sequence) }
  }
}

extension Tensor {
  /// A hash of shape and values; the same within a process only.
  fileprivate var contentHash: Int {
    var hasher = Hasher()
    hasher.combine(shape)
    read { hasher.combine(bytes: UnsafeRawBufferPointer(start: $0, count: count * 4)) }
    return hasher.finalize()
  }
}
