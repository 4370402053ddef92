public import Tensors

/// Makes tokens from a decoder: the context so far, and the choice of what comes next.
public struct Generator: Sendable {
  public let decoder: Decoder
  /// Under which all of the context ran: other conditions would have given other keys and values.
  public private(set) var conditions: DecoderConditions
  private var cache: KeyValueCache
  /// The tokens behind the cache's positions; nil for those that came as embeddings.
  private var context: [Int?] = []

  public init(
    _ decoder: Decoder, conditions: DecoderConditions = DecoderConditions(), reserving positions: Int = 0
  ) {
    self.decoder = decoder
    self.conditions = conditions
    cache = KeyValueCache(for: decoder.configuration, reserving: positions)
  }

  /// Positions of the context.
  public var count: Int { cache.count }

  /// Forgets all but the first positions.
  public mutating func truncate(to count: Int) {
    cache.truncate(to: count)
    context.removeLast(max(0, context.count - max(0, count)))
  }

  /// Takes the context to exactly these tokens. What it shares with them at the beginning is kept.
  /// - Returns: the hidden state at the last token, [1, width], and how many positions were kept.
  /// - Throws: ``LanguageError``
  public mutating func prefill(_ tokens: [Int]) throws -> (hidden: Tensor, reused: Int) {
    guard !tokens.isEmpty else { throw LanguageError.emptyPrompt }
    // The last token runs in any case: its hidden state is wanted.
    let reused = min(zip(context, tokens).prefix { $0 == $1 }.count, tokens.count - 1)
    guard tokens.count <= decoder.configuration.contextLength else {
      throw LanguageError.contextFull(needed: tokens.count, limit: decoder.configuration.contextLength)
    }
    truncate(to: reused)
    let new = Array(tokens[reused...])
    let hidden = try run(try decoder.embeddings(of: new), at: [new.count - 1])
    context += new.map(Optional.some)
    return (hidden, reused)
  }

  /// Takes the context further by embeddings.
  /// - Parameters:
  ///   - embeddings: [rows, width]
  ///   - positions: rows whose hidden states are wanted
  /// - Returns: [positions, width]
  public mutating func append(_ embeddings: Tensor, hiddenStatesAt positions: [Int]) throws -> Tensor {
    let hidden = try run(embeddings, at: positions)
    context += Array(repeating: nil, count: embeddings.shape[0])
    return hidden
  }

  private mutating func run(_ embeddings: Tensor, at positions: [Int]) throws -> Tensor {
    try decoder.run(embeddings, cache: &cache, conditions: conditions, hiddenStatesAt: positions)
  }

  /// Makes tokens until one that stops, or `limit`, or a full context.
  /// - Parameters:
  ///   - hidden: at the context's last position, [1, width]
  ///   - stops: tokens that end the text and are not part of it
  ///   - wanted: tokens whose hidden states are kept (triggers)
  ///   - heard: called for every token; returns whether to go on
  /// - Throws: ``LanguageError``
  public mutating func generate(
    from hidden: Tensor, limit: Int, sampling: Sampling = Sampling(), stops: Set<Int>, wanted: Set<Int> = [],
    heard: (Int) throws -> Bool = { _ in true }
  ) throws -> Generation {
    try sampling.check()
    var sampler = Sampler(sampling, seen: context.compactMap { $0 })
    var hidden = hidden
    var result = Generation()
    while true {
      guard result.tokens.count < limit else { break }
      let token = try sampler.next(decoder.logits(hidden).values)
      if stops.contains(token) {
        result.end = .stop
        break
      }
      result.tokens.append(token)
      guard try heard(token) else {
        result.end = .stop
        break
      }
      guard count < decoder.configuration.contextLength else {
        result.end = .contextFull
        break
      }
      hidden = try append(try decoder.embeddings(of: [token]), hiddenStatesAt: [0])
      context[context.count - 1] = token
      if wanted.contains(token) {
        result.hiddenStates.append((result.tokens.count - 1, hidden.reshaped([decoder.configuration.width])))
      }
    }
    return result
  }

  /// The likeliest continuation that a search over `width` branches finds: the sum of log-probabilities,
  /// divided by the length to the power of `lengthPenalty`, as transformers scores beams.
  /// - Throws: ``LanguageError``
  public mutating func beamSearch(
    from hidden: Tensor, width: Int, limit: Int, lengthPenalty: Float = 1, stops: Set<Int>
  ) throws -> Generation {
    guard (1...64).contains(width) else {
      throw LanguageError.badSampling("beam search over \(width) branches; 1 to 64 are possible")
    }
    var search = BeamSearch(width: width, lengthPenalty: lengthPenalty, stops: stops)
    var branches = [Branch(generator: self, hidden: hidden)]
    for _ in 0..<limit {
      let logits = branches.map { decoder.logits($0.hidden).values }
      let choices = try search.step(logits)
      if search.isDone { break }
      branches = try choices.map { choice in
        var branch = branches[choice.branch]
        branch.hidden = try branch.generator.append(
          try decoder.embeddings(of: [choice.token]), hiddenStatesAt: [0])
        return branch
      }
    }
    let best = search.best
    var result = Generation()
    result.tokens = best.tokens
    result.end = best.isFinished ? .stop : .limit
    return result
  }

  private struct Branch {
    var generator: Generator
    var hidden: Tensor
  }
}
