import Layers
import Tensors

/// One layer of the tower: attention and a perceptron, each behind a norm and beside a residual.
struct CLIPVisionLayer: Sendable {
  let attentionNorm: LayerNorm
  let attention: MultiHeadAttention
  let perceptronNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let activation: Activation

  /// x [tokens, width] → [tokens, width]
  func callAsFunction(_ x: Tensor) -> Tensor {
    let normed = attentionNorm(x)
    let attended = attention(queries: normed, keys: normed, values: normed, residual: x)
    return contract(expand(perceptronNorm(attended), activation: activation), residual: attended)
  }
}
