import Tensors

/// One layer: attention and a gated feed-forward network, each behind a norm and added to the stream.
struct DecoderLayer: Sendable {
  let attentionNorm: Tensor
  /// What makes queries, keys and values, and where each one's result begins in a row of all.
  var projections: [(layer: AdaptedLinear, column: Int)]
  let heads: HeadLayout
  var output: AdaptedLinear
  let feedForwardNorm: Tensor
  var gate: AdaptedLinear
  var up: AdaptedLinear
  var down: AdaptedLinear

  /// Lets the system take back the memory of adapters that only the picture's tokens need: words that follow it do
  /// without them.
  func restImageAdapters() {
    for linear in projections.map(\.layer) + [output, gate, up, down] {
      for case let adapter? in linear.adapters where adapter.scope.tokens == .image { adapter.rest() }
    }
  }
}

/// Where the heads lie in a row of queries, keys and values.
enum HeadLayout: Sendable {
  /// All queries, all keys, all values (Llama).
  case separate
  /// For each key-value head its queries, its key, its value (InternLM2's `wqkv`).
  case grouped

  func query(_ head: Int, _ c: DecoderConfiguration) -> Int {
    let group = c.heads / c.keyValueHeads
    switch self {
    case .separate: return head * c.headWidth
    case .grouped: return (head / group * (group + 2) + head % group) * c.headWidth
    }
  }

  func key(_ head: Int, _ c: DecoderConfiguration) -> Int {
    let group = c.heads / c.keyValueHeads
    switch self {
    case .separate: return (c.heads + head) * c.headWidth
    case .grouped: return (head * (group + 2) + group) * c.headWidth
    }
  }

  func value(_ head: Int, _ c: DecoderConfiguration) -> Int {
    switch self {
    case .separate: key(head, c) + c.keyValueWidth
    case .grouped: key(head, c) + c.headWidth
    }
  }
}

/// What a family of decoders calls the tensors of its checkpoints.
struct DecoderNames: Sendable {
  let embedding: String
  let head: String
  let attentionNorm: String
  /// Queries, keys and values; or one for all.
  let projections: [String]
  let heads: HeadLayout
  let output: String
  let feedForwardNorm: String
  let gate: String
  let up: String
  let down: String

  static let llama = DecoderNames(
    embedding: "model.embed_tokens.weight", head: "lm_head.weight", attentionNorm: "input_layernorm",
    projections: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], heads: .separate,
    output: "self_attn.o_proj", feedForwardNorm: "post_attention_layernorm", gate: "mlp.gate_proj",
    up: "mlp.up_proj", down: "mlp.down_proj")

  static let internLM2 = DecoderNames(
    embedding: "model.tok_embeddings.weight", head: "output.weight", attentionNorm: "attention_norm",
    projections: ["attention.wqkv"], heads: .grouped, output: "attention.wo",
    feedForwardNorm: "ffn_norm", gate: "feed_forward.w1", up: "feed_forward.w3",
    down: "feed_forward.w2")
}
