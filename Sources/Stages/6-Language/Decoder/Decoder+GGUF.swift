public import Checkpoints
import Tensors

extension Decoder {
  /// A decoder of the llama architecture over a mapped GGUF file.
  ///
  /// | file | here |
  /// |---|---|
  /// | `token_embd`, `output_norm`, `output` (absent where tied) | embedding, norm, head |
  /// | `blk.N.attn_norm`, `attn_q`, `attn_k`, `attn_v`, `attn_output` | attention |
  /// | `blk.N.ffn_norm`, `ffn_gate`, `ffn_up`, `ffn_down` | feed-forward network |
  ///
  /// - Throws: `CheckpointError` or ``LanguageError`` naming the file and what is wrong.
  public init(_ file: GGUFFile) throws {
    let weights = GGUFWeights(file)
    let c = try DecoderConfiguration(weights)
    let width = c.width
    embedding = try weights.matrix("token_embd.weight", rows: c.vocabulary, columns: width)
    head =
      file.entry(named: "output.weight") == nil
      ? embedding : try weights.matrix("output.weight", rows: c.vocabulary, columns: width)
    norm = try weights.tensor("output_norm.weight", shape: [width])
    layers = try (0..<c.layers).map { index in
      func linear(_ name: String, _ rows: Int, _ columns: Int) throws -> AdaptedLinear {
        AdaptedLinear(try weights.matrix("blk.\(index).\(name).weight", rows: rows, columns: columns))
      }
      return DecoderLayer(
        attentionNorm: try weights.tensor("blk.\(index).attn_norm.weight", shape: [width]),
        projections: [
          (try linear("attn_q", c.queryWidth, width), 0),
          (try linear("attn_k", c.keyValueWidth, width), c.queryWidth),
          (try linear("attn_v", c.keyValueWidth, width), c.queryWidth + c.keyValueWidth),
        ],
        heads: .separate, output: try linear("attn_output", width, c.queryWidth),
        feedForwardNorm: try weights.tensor("blk.\(index).ffn_norm.weight", shape: [width]),
        gate: try linear("ffn_gate", c.feedForwardWidth, width),
        up: try linear("ffn_up", c.feedForwardWidth, width),
        down: try linear("ffn_down", width, c.feedForwardWidth))
    }
    configuration = c
    try weights.finish()
  }
}

extension DecoderConfiguration {
  fileprivate init(_ weights: GGUFWeights) throws {
    let path = weights.file.file.path
    guard try weights.string("general.architecture") == "llama" else {
      throw LanguageError.unsupported(
        file: path, what: "the architecture \(try weights.string("general.architecture"))")
    }
    let width = try weights.integer("llama.embedding_length")
    let heads = try weights.integer("llama.attention.head_count")
    guard heads > 0, width > 0 else {
      throw LanguageError.badConfiguration(file: path, fault: "\(heads) heads in a width of \(width)")
    }
    let headWidth = try weights.integer("llama.attention.key_length", otherwise: width / heads)
    self.init(
      layers: try weights.integer("llama.block_count"), width: width, heads: heads,
      keyValueHeads: try weights.integer("llama.attention.head_count_kv", otherwise: heads),
      headWidth: headWidth, feedForwardWidth: try weights.integer("llama.feed_forward_length"),
      vocabulary: weights.file.entry(named: "token_embd.weight")?.shape.first ?? 0,
      contextLength: try weights.integer("llama.context_length"),
      epsilon: Float(try weights.number("llama.attention.layer_norm_rms_epsilon")),
      rotary: try Self.rotary(weights, headWidth: headWidth))
    guard try weights.integer("llama.rope.dimension_count", otherwise: headWidth) == headWidth else {
      throw LanguageError.unsupported(file: path, what: "heads that are rotated in part")
    }
    if let fault { throw LanguageError.badConfiguration(file: path, fault: fault) }
  }

  private static func rotary(_ weights: GGUFWeights, headWidth: Int) throws -> RotaryEmbedding {
    let base = try weights.number("llama.rope.freq_base", otherwise: 10000)
    var scaling = RotaryEmbedding.Scaling.none
    if weights.file.entry(named: "rope_freqs.weight") != nil {
      scaling = .factors(try weights.tensor("rope_freqs.weight", shape: [headWidth / 2]).values)
    } else if weights.file.metadata["llama.rope.scaling.type"] != nil {
      switch try weights.string("llama.rope.scaling.type") {
      case "none": break
      case "linear": scaling = .linear(factor: try weights.number("llama.rope.scaling.factor"))
      case let other:
        throw LanguageError.unsupported(
          file: weights.file.file.path, what: "rotary scaling of the kind \(other)")
      }
    }
    return RotaryEmbedding(base: base, pairs: .neighbours, scaling: scaling)
  }
}
