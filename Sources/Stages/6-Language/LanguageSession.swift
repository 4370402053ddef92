import AtomicFiles
public import CrayonCore
import Foundation
import Tensors
import Tokenizers

/// Stage 6 over several questions on one picture: what the model has read of the picture is not read again.
///
/// What stands before the first question is read by itself, once for all questions on it under the same adapters, and can
/// be kept from run to run. What comes behind it is read anew each time, in one piece: so an answer depends on its own
/// sequence, to the last bit, and not on what was asked before.
public struct LanguageSession: Sendable {
  private let model: LanguageModel
  private let stops: Set<Int>
  private var generator: Generator?
  private var known: Conditions?
  private let readings: (any ReadingStore)?

  /// Under which the context was read.
  private struct Conditions: Equatable {
    var adapters: AdapterGains
    var imageSpan: Range<Int>
    var crayon: Int
  }

  /// - Parameters:
  ///   - model: that answers, and whose vocabulary has the stop tokens
  ///   - stopTokens: by name; those that the vocabulary lacks are passed over
  ///   - readings: where what was read of pictures is kept from run to run
  public init(_ model: LanguageModel, stopTokens: [String], readings: (any ReadingStore)? = nil) {
    self.model = model
    self.readings = readings
    stops = Set(stopTokens.compactMap { model.tokenizer.id(of: $0) })
  }

  /// Answers.
  /// - Parameters:
  ///   - sequence: what is read before the answer; what it begins with in common with the last one is not read
  ///     again
  ///   - adapters: how strongly each adapter works; others than the last time, and all is read again
  ///   - options: the most tokens, how each is chosen, and texts that end the answer
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
    let opening = sequence.opening
    generator.keepOpening(of: sequence, upTo: opening)
    let isNew = generator.count == 0 && opening > 0
    let key = isNew && readings != nil ? self.key(of: sequence, upTo: opening, adapters: adapters) : []
    var made: KeyValueCache?
    let reply = try writer.write(&generator, promptTokens: sequence.count, heard: heard) { generator in
      guard isNew else { return try generator.prefill(sequence) }
      made = try generator.open(
        sequence, upTo: opening, knowing: readings?.reading(dependingOn: key))
      let hidden = try generator.prefill(sequence).hidden
      return (hidden, made == nil ? opening : 0)
    }
    // Only now: nobody waits for it.
    if let made { readings?.keep(made, dependingOn: key) }
    return reply
  }

  /// All that what is read of a sequence's first positions depends on, but for the weights.
  private func key(of sequence: FusedSequence, upTo count: Int, adapters: AdapterGains) -> [String] {
    func digest(_ tensor: Tensor) -> String {
      tensor.read { FileDigest.sha256(of: Data(bytes: $0, count: tensor.count * 4)) }
    }
    return adapters.gains.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } + [
      digest(sequence.embeddings.rows(0..<count)), "\(sequence.imageSpan)",
      sequence.crayonFeatures.map(digest) ?? "", model.decoder.arithmetic,
    ]
  }
}

/// Where what language models have read of pictures is kept from run to run.
public protocol ReadingStore: Sendable {
  /// - Parameter parts: all that a reading depends on, but for the model's weights
  func reading(dependingOn parts: [String]) -> KeyValueCache?

  /// A reading that cannot be kept is made anew the next time.
  func keep(_ reading: KeyValueCache, dependingOn parts: [String])
}

extension FusedSequence {
  /// Positions before the first question: what every question on the picture begins with. 0 where there is no picture.
  fileprivate var opening: Int {
    guard !imageSpan.isEmpty else { return 0 }
    let question = spans.first { span in
      switch span.kind {
      case .question, .region: true
      case .template, .image, .listing, .object: false
      }
    }
    return question?.range.lowerBound ?? 0
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
