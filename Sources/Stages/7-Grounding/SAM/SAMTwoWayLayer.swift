import Layers
import Tensors

/// One layer of the mask decoder: tokens look at each other and at the picture, and the picture at the tokens.
struct SAMTwoWayLayer: Sendable {
  let selfAttention: MultiHeadAttention
  let selfNorm: LayerNorm
  let toPicture: MultiHeadAttention
  let pictureNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let perceptronNorm: LayerNorm
  let toTokens: MultiHeadAttention
  let tokensNorm: LayerNorm
  /// The first layer's tokens look at each other without their positions, and forget what they were.
  let isFirst: Bool

  /// - Parameters:
  ///   - tokens: [tokens, width]
  ///   - picture: [cells, width]
  ///   - tokenPositions: the tokens as they came into the decoder
  ///   - picturePositions: [cells, width]
  func apply(
    tokens: inout Tensor, picture: inout Tensor, tokenPositions: Tensor, picturePositions: Tensor
  ) {
    if isFirst {
      tokens = selfAttention(queries: tokens, keys: tokens, values: tokens)
    } else {
      let placed = tokens + tokenPositions
      tokens = selfAttention(queries: placed, keys: placed, values: tokens, residual: tokens)
    }
    tokens = selfNorm(tokens)
    let placedPicture = picture + picturePositions
    tokens = pictureNorm(
      toPicture.fewQueries(
        tokens + tokenPositions, keys: placedPicture, values: picture, residual: tokens))
    tokens = perceptronNorm(contract(expand(tokens, activation: .relu), residual: tokens))
    picture = tokensNorm(
      toTokens.fewKeys(
        placedPicture, keys: tokens + tokenPositions, values: tokens, residual: picture))
  }
}
