import Foundation

/// Chooses tokens, one after the other; with the same seed the same ones.
struct Sampler {
  private let sampling: Sampling
  private var numbers: UInt64
  private var seen: Set<Int>

  /// - Parameter seen: tokens of the prompt, which the repetition penalty counts too
  init(_ sampling: Sampling, seen: some Sequence<Int>) {
    self.sampling = sampling
    numbers = sampling.seed
    self.seen = sampling.repetitionPenalty == 1 ? [] : Set(seen)
  }

  /// - Parameter logits: one for each token of the vocabulary
  /// - Throws: ``LanguageError/notFinite``
  mutating func next(_ logits: [Float]) throws -> Int {
    var logits = logits
    let penalty = sampling.repetitionPenalty
    if penalty != 1 {
      for token in seen where logits.indices.contains(token) {
        logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty
      }
    }
    let token = sampling.temperature == 0 ? try Self.largest(logits) : try draw(logits)
    if penalty != 1 { seen.insert(token) }
    return token
  }

  /// The first of the largest.
  static func largest(_ logits: [Float]) throws -> Int {
    var best = 0
    var isFinite = true
    logits.withUnsafeBufferPointer { logits in
      for index in logits.indices {
        if logits[index] > logits[best] { best = index }
        isFinite = isFinite && logits[index].isFinite
      }
    }
    guard isFinite, !logits.isEmpty else { throw LanguageError.notFinite }
    return best
  }

  /// Top-k, then temperature, top-p and min-p on what is left, as transformers orders them.
  private mutating func draw(_ logits: [Float]) throws -> Int {
    guard logits.allSatisfy(\.isFinite), !logits.isEmpty else { throw LanguageError.notFinite }
    var candidates = Array(logits.enumerated()).sorted {
      ($1.element, $0.offset) < ($0.element, $1.offset)
    }
    if sampling.topK > 0 { candidates = Array(candidates.prefix(sampling.topK)) }
    let highest = candidates[0].element
    var weights = candidates.map { exp(Double(($0.element - highest) / sampling.temperature)) }
    if sampling.topP < 1 {
      let total = weights.reduce(0, +)
      var sum = 0.0
      // The one that reaches the limit stays.
      let kept = weights.firstIndex { weight in
        sum += weight / total
        return sum >= Double(sampling.topP)
      }
      weights = Array(weights.prefix((kept ?? weights.count - 1) + 1))
    }
    if sampling.minP > 0 {
      // Sorted, so those that stay come first; the likeliest has the weight 1.
      weights = Array(weights.prefix { $0 >= Double(sampling.minP) })
    }
    let mark = uniform() * weights.reduce(0, +)
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += weight
      if mark < sum { return candidates[index].offset }
    }
    return candidates[weights.count - 1].offset
  }

  /// From 0 to 1 (SplitMix64), so that a seed means the same everywhere.
  private mutating func uniform() -> Double {
    numbers &+= 0x9E37_79B9_7F4A_7C15
    var z = numbers
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }
}

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
  /// The same seed gives the same tokens.
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
