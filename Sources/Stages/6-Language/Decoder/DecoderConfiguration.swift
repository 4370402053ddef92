import Foundation

/// The sizes of a Llama-like decoder.
public struct DecoderConfiguration: Sendable, Equatable {
  /// Blocks of attention and perceptron.
  public var layers: Int
  /// Of the residual stream.
  public var width: Int
  /// Heads of queries.
  public var heads: Int
  /// Heads that keys and values have; each serves `heads / keyValueHeads` query heads.
  public var keyValueHeads: Int
  /// Of a query, a key and a value.
  public var headWidth: Int
  /// Of the gated hidden layer.
  public var feedForwardWidth: Int
  /// Rows of the embedding, and logits.
  public var vocabulary: Int
  /// Positions that the model was trained for; longer contexts are refused.
  public var contextLength: Int
  /// Added to a mean square before its root is taken.
  public var epsilon: Float
  /// How queries and keys know their positions.
  public var rotary: RotaryEmbedding

  /// Memberwise.
  public init(
    layers: Int, width: Int, heads: Int, keyValueHeads: Int, headWidth: Int, feedForwardWidth: Int,
    vocabulary: Int, contextLength: Int, epsilon: Float, rotary: RotaryEmbedding
  ) {
    self.layers = layers
    self.width = width
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headWidth = headWidth
    self.feedForwardWidth = feedForwardWidth
    self.vocabulary = vocabulary
    self.contextLength = contextLength
    self.epsilon = epsilon
    self.rotary = rotary
  }

  var queryWidth: Int { heads * headWidth }
  var keyValueWidth: Int { keyValueHeads * headWidth }
  var projectionWidth: Int { queryWidth + 2 * keyValueWidth }

  /// The first thing that is wrong with the sizes, or nil.
  var fault: String? {
    let sizes = [
      ("layers", layers, 1...1024), ("width", width, 1...65536), ("heads", heads, 1...1024),
      ("key-value heads", keyValueHeads, 1...1024), ("head width", headWidth, 2...1024),
      ("feed-forward width", feedForwardWidth, 1...1 << 20), ("vocabulary", vocabulary, 1...1 << 24),
      ("context length", contextLength, 1...1 << 24),
    ]
    for (name, value, range) in sizes where !range.contains(value) { return "\(value) \(name)" }
    if heads % keyValueHeads != 0 { return "\(heads) heads for \(keyValueHeads) key-value heads" }
    if headWidth % 2 != 0 { return "heads of \(headWidth) values, which cannot be rotated in pairs" }
    if !(epsilon.isFinite && epsilon >= 0) { return "an epsilon of \(epsilon)" }
    return rotary.fault
  }
}

/// Rotary position embedding (RoFormer, arXiv 2104.09864), with the ways of stretching it that published
/// decoders use.
public struct RotaryEmbedding: Sendable, Equatable {
  /// Which values of a head make a pair.
  public enum Pairs: Sendable, Equatable {
    /// i and i + width / 2, as in Hugging Face's checkpoints.
    case halves
    /// 2i and 2i + 1, as in GGUF files of the llama architecture, whose rows have been put in that order.
    case neighbours
  }

  /// How positions beyond those of the training are reached.
  public enum Scaling: Sendable, Equatable {
    case none
    /// Positions divided by a factor.
    case linear(factor: Double)
    /// The base grows with the length of the context once that is beyond `length` (NTK-aware).
    case dynamic(factor: Double, length: Int)
    /// Llama 3.1: low frequencies divided by a factor, high ones kept, a ramp between.
    case llama3(factor: Double, low: Double, high: Double, length: Int)
    /// Every frequency divided by its own factor, stored with the weights. [width / 2]
    case factors([Float])
  }

  /// Of the geometric sequence of wavelengths (theta).
  public var base: Double
  /// Which channels are rotated together.
  public var pairs: Pairs
  /// How longer contexts than in training are met.
  public var scaling: Scaling

  /// Memberwise.
  public init(base: Double, pairs: Pairs, scaling: Scaling = .none) {
    self.base = base
    self.pairs = pairs
    self.scaling = scaling
  }

  var fault: String? {
    guard base.isFinite, base > 1 else { return "a rotary base of \(base)" }
    switch scaling {
    case .linear(let factor), .dynamic(let factor, _), .llama3(let factor, _, _, _):
      return factor.isFinite && factor > 0 ? nil : "a rotary scaling by \(factor)"
    case .factors(let factors):
      return factors.allSatisfy { $0.isFinite && $0 > 0 } ? nil : "rotary factors that are not positive"
    case .none: return nil
    }
  }

  /// Cosines and sines of the angles at some positions, [positions, width / 2] each.
  /// - Parameter length: of the context so far, for dynamic scaling
  func angles(of positions: Range<Int>, width: Int, length: Int) -> (cosines: [Float], sines: [Float]) {
    let frequencies = frequencies(width: width, length: length)
    var cosines: [Float] = []
    var sines: [Float] = []
    cosines.reserveCapacity(positions.count * frequencies.count)
    sines.reserveCapacity(positions.count * frequencies.count)
    for position in positions {
      for frequency in frequencies {
        // In single precision, as the reference multiplies.
        let angle = Float(position) * frequency
        cosines.append(cosf(angle))
        sines.append(sinf(angle))
      }
    }
    return (cosines, sines)
  }

  private func frequencies(width: Int, length: Int) -> [Float] {
    var base = base
    if case .dynamic(let factor, let trained) = scaling, length > trained {
      let stretch = factor * Double(length) / Double(trained) - (factor - 1)
      base *= pow(stretch, Double(width) / Double(width - 2))
    }
    return (0..<width / 2).map { index in
      let frequency = 1 / pow(base, Double(2 * index) / Double(width))
      switch scaling {
      case .none, .dynamic: return Float(frequency)
      case .linear(let factor): return Float(frequency / factor)
      case .factors(let factors): return Float(frequency) / factors[index]
      case .llama3(let factor, let low, let high, let length):
        let turns = Double(length) * frequency / (2 * .pi)
        let ramp = min(max((turns - low) / (high - low), 0), 1)
        return Float((1 - ramp) * frequency / factor + ramp * frequency)
      }
    }
  }
}
