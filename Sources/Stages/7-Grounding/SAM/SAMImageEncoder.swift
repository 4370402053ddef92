public import Layers
import Tensors

/// SAM's image encoder: a vision transformer of windows (ViTDet, arXiv 2203.16527), and a neck of two convolutions.
public struct SAMImageEncoder: Sendable {
  public let configuration: SAMConfiguration.ImageEncoder
  let patches: PatchEmbedding
  /// [gridSide², width]
  let positions: Tensor
  let layers: [SAMImageLayer]
  let neckProjection: Linear
  let neckNorm: LayerNorm
  let neckConvolution: Convolution3x3
  let outputNorm: LayerNorm

  /// The features that the mask decoder draws on: `gridSide` positions a side.
  /// - Parameter pixels: `imageSide` × `imageSide`, 3 channels, normalised
  public func callAsFunction(_ pixels: FeatureMap) -> FeatureMap {
    precondition(pixels.height == configuration.imageSide && pixels.width == configuration.imageSide)
    var map = patches(pixels)
    map.values = map.values + positions
    for layer in layers { map = layer(map) }
    let narrow = FeatureMap(
      height: map.height, width: map.width, values: neckNorm(neckProjection(map.values)))
    var features = neckConvolution(narrow)
    features.values = outputNorm(features.values)
    return features
  }
}
