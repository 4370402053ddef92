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
