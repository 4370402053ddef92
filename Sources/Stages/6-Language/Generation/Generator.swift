public import CrayonCore
public import Tensors

/// Makes tokens from a decoder: the context so far, and the choice of what comes next.
public struct Generator: Sendable {
  public let decoder: Decoder
  /// Under which all of the context ran: other conditions would have given other keys and values.
  public private(set) var conditions: DecoderConditions
  private var cache: KeyValueCache
  /// What is behind the cache's positions.
  private var context: [Position] = []

  private enum Position: Hashable {
    case token(Int)
    /// An embedding that is no token's, by its hash.
    case embedding(Int)
  }

  public init(_ decoder: Decoder, conditions: DecoderConditions = DecoderConditions()) {
    self.decoder = decoder
    self.conditions = conditions
    cache = KeyValueCache(for: decoder.configuration, halves: decoder.keepsHalves)
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
    let positions = tokens.map(Position.token)
    let reused = try keep(positions)
    let hidden = try run(try decoder.embeddings(of: Array(tokens[reused...])), at: [tokens.count - reused - 1])
    context = positions
    return (hidden, reused)
  }

  /// Takes the context to exactly this sequence. What it shares with it at the beginning is kept.
  /// - Returns: the hidden state at the last position, [1, width], and how many positions were kept.
  /// - Throws: ``LanguageError``
  public mutating func prefill(_ sequence: FusedSequence) throws -> (hidden: Tensor, reused: Int) {
    guard sequence.count > 0 else { throw LanguageError.emptyPrompt }
    let positions = Self.positions(of: sequence)
    let reused = try keep(positions)
    let hidden = try run(
      sequence.embeddings.rows(reused..<sequence.count), at: [sequence.count - reused - 1])
    context = positions
    return (hidden, reused)
  }

  /// Takes an empty context to the first positions of a sequence, by themselves: what is read of them depends on nothing
  /// behind them then, to the last bit.
  /// - Parameter known: what was read of exactly these positions under the same conditions; nil to read them now
  /// - Returns: what was read now; nil where it was known
  /// - Throws: ``LanguageError``
  mutating func open(
    _ sequence: FusedSequence, upTo count: Int, knowing known: KeyValueCache?
  ) throws -> KeyValueCache? {
    precondition(context.isEmpty && count > 0 && count < sequence.count)
    let limit = decoder.configuration.contextLength
    guard sequence.count <= limit else { throw LanguageError.contextFull(needed: sequence.count, limit: limit) }
    let isKnown = known.map { $0.count == count && $0.fits(decoder) } ?? false
    if let known, isKnown {
      cache = known
    } else {
      _ = try run(sequence.embeddings.rows(0..<count), at: [])
    }
    context = Array(Self.positions(of: sequence).prefix(count))
    return isKnown ? nil : cache
  }

  /// Forgets all that is behind the first positions of a sequence, and these too where they are others.
  mutating func keepOpening(of sequence: FusedSequence, upTo count: Int) {
    guard !context.isEmpty else { return }
    let isThere = context.prefix(count).elementsEqual(Self.positions(of: sequence).prefix(count))
    truncate(to: isThere ? count : 0)
  }

  private static func positions(of sequence: FusedSequence) -> [Position] {
    zip(sequence.tokens, sequence.embeddings.rowHashes).map {
      $0.map(Position.token) ?? Position.embedding($1)
    }
  }

  /// Forgets what differs from these positions.
  /// - Returns: how many are left; never all, because the last one's hidden state is wanted
  private mutating func keep(_ positions: [Position]) throws -> Int {
    guard positions.count <= decoder.configuration.contextLength else {
      throw LanguageError.contextFull(needed: positions.count, limit: decoder.configuration.contextLength)
    }
    let reused = min(zip(context, positions).prefix { $0 == $1 }.count, positions.count - 1)
    truncate(to: reused)
    return reused
  }

  /// Takes the context further by embeddings.
  /// - Parameters:
  ///   - embeddings: [rows, width]
  ///   - positions: rows whose hidden states are wanted
  /// - Returns: [positions, width]
  public mutating func append(_ embeddings: Tensor, hiddenStatesAt positions: [Int]) throws -> Tensor {
    let hidden = try run(embeddings, at: positions)
    context += embeddings.rowHashes.map(Position.embedding)
    return hidden
  }

  /// Takes the context further by one token.
  /// - Returns: its hidden state, [1, width]
  private mutating func append(_ token: Int) throws -> Tensor {
    let hidden = try run(try decoder.embeddings(of: [token]), at: [0])
    context.append(.token(token))
    return hidden
  }

  private mutating func run(_ embeddings: Tensor, at positions: [Int]) throws -> Tensor {
    try decoder.run(embeddings, cache: &cache, conditions: conditions, hiddenStatesAt: positions)
  }

  /// Makes tokens until one that stops, or `limit`, or a full context. Location slots are not counted: they are
  /// read, not chosen.
  /// - Parameters:
  ///   - hidden: at the context's last position, [1, width]
  ///   - limit: the most tokens that are chosen
  ///   - sampling: how each token is chosen; the likeliest unless told
  ///   - stops: tokens that end the text and are not part of it
  ///   - wanted: tokens whose hidden states are kept
  ///   - trigger: a token behind which the model reads a location; its hidden states are kept too
  ///   - heard: called for every token that was chosen; returns whether to go on
  /// - Throws: ``LanguageError``
  public mutating func generate(
    from hidden: Tensor, limit: Int, sampling: Sampling = Sampling(), stops: Set<Int>, wanted: Set<Int> = [],
    trigger: LocationTrigger? = nil, heard: (Int) throws -> Bool = { _ in true }
  ) throws -> Generation {
    try sampling.check()
    var sampler = Sampler(
      sampling,
      seen: context.compactMap { position in
        if case .token(let token) = position { token } else { nil }
      })
    var hidden = hidden
    var result = Generation()
    var chosen = 0
    while chosen < limit {
      let token = try sampler.next(decoder.logits(hidden).values)
      if stops.contains(token) {
        result.end = .stop
        break
      }
      result.tokens.append(token)
      chosen += 1
      guard try heard(token) else {
        result.end = .stop
        break
      }
      let isTrigger = token == trigger?.token
      guard count + (isTrigger ? 1 : 0) < decoder.configuration.contextLength else {
        result.end = .contextFull
        break
      }
      hidden = try append(token)
      if wanted.contains(token) || isTrigger {
        result.hiddenStates.append((result.tokens.count - 1, hidden.reshaped([decoder.configuration.width])))
      }
      if let trigger, isTrigger {
        result.tokens.append(trigger.slot)
        hidden = try read(trigger, states: result.hiddenStates.map(\.state))
      }
    }
    return result
  }

  /// Puts the location that the last trigger means into the context.
  /// - Parameter states: at the answer's triggers
  private mutating func read(_ trigger: LocationTrigger, states: [Tensor]) throws -> Tensor {
    let width = decoder.configuration.width
    return try append(
      trigger.locator.location(ofLast: states).reshaped([1, width]), hiddenStatesAt: [0])
  }

  /// The likeliest continuation that a search over `width` branches finds: the sum of log-probabilities,
  /// divided by the length to the power of `lengthPenalty`, as transformers scores beams. A location slot
  /// costs nothing and does not count. Ends early where the context is full, or when it is cancelled, with the
  /// best so far.
  /// - Parameters:
  ///   - hidden: at the context's last position, [1, width of the decoder]
  ///   - width: branches, 1 to 64
  ///   - limit: the most tokens of a branch
  ///   - lengthPenalty: 1 for the mean of log-probabilities, 0 for their sum, more to favour long answers
  ///   - stops: tokens that end a branch and are not part of it
  ///   - trigger: a token behind which the model reads a location; its hidden states are kept
  ///   - isCancelled: asked before every token
  /// - Throws: ``LanguageError``
  public mutating func beamSearch(
    from hidden: Tensor, width: Int, limit: Int, lengthPenalty: Float = 1, stops: Set<Int>,
    trigger: LocationTrigger? = nil, isCancelled: () -> Bool = { false }
  ) throws -> Generation {
    guard (1...64).contains(width) else {
      throw LanguageError.badSampling("beam search over \(width) branches; 1 to 64 are possible")
    }
    var search = BeamSearch(width: width, lengthPenalty: lengthPenalty, stops: stops)
    var branches = [Branch(generator: self, hidden: hidden)]
    // By the tokens up to and with the trigger: a branch may have ended long before it turns out the best.
    var states: [[Int]: Tensor] = [:]
    var end = Reply.End.limit
    for _ in 0..<max(limit, 0) {
      if isCancelled() {
        end = .cancelled
        break
      }
      let logits = branches.map { decoder.logits($0.hidden).values }
      let choices = try search.step(logits)
      if search.isDone { break }
      let needed = trigger == nil ? 1 : 2
      guard branches.allSatisfy({ $0.generator.count + needed <= decoder.configuration.contextLength }) else {
        end = .contextFull
        break
      }
      branches = try choices.map { choice in
        var branch = branches[choice.branch]
        branch.tokens.append(choice.token)
        branch.hidden = try branch.generator.append(choice.token)
        if let trigger, choice.token == trigger.token {
          states[branch.tokens] = branch.hidden.reshaped([decoder.configuration.width])
          branch.hidden = try branch.generator.read(
            trigger,
            states: Generation(chosen: branch.tokens, states: states, trigger).hiddenStates.map(\.state))
        }
        return branch
      }
    }
    let best = search.best
    var result = Generation(chosen: best.tokens, states: states, trigger)
    result.end = best.isFinished && end != .cancelled ? .stop : end
    return result
  }

  private struct Branch {
    var generator: Generator
    var tokens: [Int] = []
    var hidden: Tensor
  }
}

extension Generation {
  /// Chosen tokens with the slots that were read behind triggers.
  /// - Parameter states: at triggers, by the chosen tokens up to and with them
  fileprivate init(chosen: [Int], states: [[Int]: Tensor], _ trigger: LocationTrigger?) {
    self.init()
    for (index, token) in chosen.enumerated() {
      tokens.append(token)
      guard let trigger, token == trigger.token, let state = states[Array(chosen[...index])] else { continue }
      hiddenStates.append((tokens.count - 1, state))
      tokens.append(trigger.slot)
    }
  }
}

extension Tensor {
  /// A hash of every row of a matrix, by its bits; the same within a process only.
  fileprivate var rowHashes: [Int] {
    let width = shape[1]
    return read { values in
      (0..<shape[0]).map { row in
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(start: values + row * width, count: width * 4))
        return hasher.finalize()
      }
    }
  }
}
