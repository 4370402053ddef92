/// The sizes of a Llama-like decoder.
public struct DecoderConfiguration: Sendable, Equatable {
  public var layers: Int
  /// Of the residual stream.
  public var width: Int
  public var heads: Int
  /// Heads that keys and values have; each serves `heads / keyValueHeads` query heads.
  public var keyValueHeads: Int
  public var headWidth: Int
  /// Of the gated hidden layer.
  public var feedForwardWidth: Int
  public var vocabulary: Int
  /// Positions that the model was trained for; longer contexts are refused.
  public var contextLength: Int
  public var epsilon: Float
  public var rotary: RotaryEmbedding

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
