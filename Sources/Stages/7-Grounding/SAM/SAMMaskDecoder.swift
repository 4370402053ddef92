public import Layers
import Tensors

/// Draws masks on a feature map as a prompt's tokens ask for them (SAM, section 3 and appendix A): a small transformer
/// whose mask tokens become, through a hypernetwork each, the weights that tell inside from outside.
public struct SAMMaskDecoder: Sendable {
  public let configuration: SAMMaskDecoderConfiguration
  /// The token of the score and those of the masks: [1 + masks, width]
  let outputTokens: Tensor
  let layers: [SAMTwoWayLayer]
  let finalAttention: MultiHeadAttention
  let finalNorm: LayerNorm
  let firstUpscaling: TransposedConvolution2x2
  let upscalingNorm: LayerNorm
  let secondUpscaling: TransposedConvolution2x2
  let hypernetworks: [Perceptron]
  let scoreHead: Perceptron

  /// Which of the masks are wanted.
  public enum Choice: Sendable {
    /// The one that is made for prompts that leave no doubt.
    case single
    /// The others: whole, part, and part of a part.
    case alternatives
  }

  /// Masks for one prompt.
  /// - Parameters:
  ///   - features: of the picture, `gridSide` positions a side
  ///   - prompt: made for the same square
  /// - Precondition: the sizes are those of the configuration.
  public func callAsFunction(
    _ features: FeatureMap, _ prompt: SAMPrompt, encoder: SAMPromptEncoder, choice: Choice = .single
  ) -> SAMMasks {
    let width = configuration.width
    precondition(features.channels == width && features.positions == encoder.gridPositions.shape[0])
    precondition(
      prompt.mask.map { $0.height == 4 * features.height && $0.width == 4 * features.width } ?? true)
    let tokens = Tensor(joining: [outputTokens, encoder.tokens(prompt)], width: width)
    let picture = added(features.values, encoder.dense(prompt))
    let (decoded, seen) = transformed(tokens, picture, encoder.gridPositions)
    let map = upscaled(FeatureMap(height: features.height, width: features.width, values: seen))

    let wanted = choice == .single ? 0..<1 : 1..<1 + configuration.alternatives
    let weights = Tensor(
      joining: wanted.map { hypernetworks[$0](decoded.rows(1 + $0..<2 + $0)) }, width: map.channels)
    // [masks, positions]: each mask's weights against every position.
    let logits = Linear(weight: map.values, bias: nil)(weights)
    let scores = scoreHead(decoded.rows(0..<1)).values
    return SAMMasks(
      logits: logits, height: map.height, width: map.width, scores: wanted.map { scores[$0] })
  }

  /// The transformer: what tokens and picture have become.
  private func transformed(
    _ tokens: Tensor, _ picture: Tensor, _ positions: Tensor
  ) -> (tokens: Tensor, picture: Tensor) {
    var (decoded, seen) = (tokens, picture)
    for layer in layers {
      layer.apply(
        tokens: &decoded, picture: &seen, tokenPositions: tokens, picturePositions: positions)
    }
    decoded = finalNorm(
      finalAttention.fewQueries(decoded + tokens, keys: seen + positions, values: seen, residual: decoded))
    return (decoded, seen)
  }

  /// Four times the side, an eighth of the channels.
  private func upscaled(_ map: FeatureMap) -> FeatureMap {
    var larger = firstUpscaling(map)
    larger.values = Activation.gelu(upscalingNorm(larger.values))
    return secondUpscaling(larger, activation: .gelu)
  }

  /// x [cells, width] with one row, or as many, added.
  private func added(_ x: Tensor, _ rows: Tensor) -> Tensor {
    guard rows.shape[0] == 1 else { return x + rows }
    let width = configuration.width
    var result = x
    result.write { out in
      rows.read { row in
        for cell in 0..<x.shape[0] {
          for k in 0..<width { out[cell * width + k] += row[k] }
        }
      }
    }
    return result
  }
}
