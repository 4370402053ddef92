import Checkpoints
public import Layers
public import Tensors

/// The picture's half of CLIP (arXiv 2103.00020): a transformer over the patches of a square picture, with a
/// class token before them.
///
/// What is taken from it is a hidden state: 0 is what enters the first layer, n what leaves the nth, without the
/// norm that follows the last; negative numbers count from the end, as transformers' `hidden_states[-1]` and `[-2]` do.
/// Layers behind it are neither loaded nor run.
public struct CLIPVisionTower: Sendable {
  public let configuration: CLIPVisionConfiguration
  /// Of the square that it sees, in pixels.
  public let side: Int
  /// How many layers are run.
  public let depth: Int
  /// Patches along a side.
  public var gridSide: Int { side / configuration.patch }

  let patches: PatchEmbedding
  /// The class token with its position. [1, width]
  let classToken: Tensor
  /// [gridSide², width]
  let positions: Tensor
  let inputNorm: LayerNorm
  let layers: [CLIPVisionLayer]
  /// The files' part that the weights lie in; nil for weights of memory.
  let source: WeightReader?

  /// The hidden state of a picture.
  /// - Parameters:
  ///   - pixels: side × side, 3 channels, normalised
  ///   - keepsClassToken: whether the first row is the class token's
  /// - Returns: [gridSide², width], the patches row by row; one row more with the class token
  public func callAsFunction(_ pixels: FeatureMap, keepsClassToken: Bool = false) -> Tensor {
    var x = embedded(pixels)
    for layer in layers { x = layer(x) }
    return keepsClassToken ? x : x.rows(1..<x.shape[0])
  }

  /// Lets the system take back the memory of what lies in a file, until a picture is looked at again.
  package func rest() { source?.rest() }

  /// Every hidden state up to the one that is taken, each with its class token.
  package func hiddenStates(_ pixels: FeatureMap) -> [Tensor] {
    var states = [embedded(pixels)]
    for layer in layers { states.append(layer(states[states.count - 1])) }
    return states
  }

  /// What enters the first layer. [1 + gridSide², width]
  private func embedded(_ pixels: FeatureMap) -> Tensor {
    precondition(pixels.height == side && pixels.width == side)
    let patches = patches(pixels).values + positions
    let (count, width) = (patches.shape[0], configuration.width)
    let tokens = Tensor(shape: [1 + count, width]) { out in
      withValues(of: classToken, patches) { classToken, patches in
        out.update(from: classToken, count: width)
        (out + width).update(from: patches, count: count * width)
      }
    }
    return inputNorm(tokens)
  }
}
