public import Checkpoints
public import Layers
import Tensors

/// From a segmenter's features to those that the pocket pipeline's mask decoder draws on.
public struct MaskFeatures: Sendable {
  /// [channels of the segmenter] → [width of the decoder], a 1×1 convolution
  private let layer: Linear
  /// Positions along a side of what the decoder draws on; the segmenter's features have twice as many.
  public let side: Int

  /// Takes `mask_features.weight` [width, channels, 1, 1] and its bias.
  /// - Parameter channels: the segmenter's
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(
    pocket weights: WeightReader, channels: Int, configuration: SAMMaskDecoderConfiguration = .pocket
  ) throws {
    let (width, scope) = (configuration.width, weights.scoped("mask_features"))
    layer = Linear(
      weight: try scope.tensor("weight", shape: [width, channels, 1, 1]).reshaped([width, channels]),
      bias: try scope.tensor("bias", shape: [width]))
    side = configuration.gridSide
  }

  /// The mean of each 2×2 features, convolved. Both steps are linear, so the convolution comes last, where it is cheaper.
  /// - Precondition: `features` has `2 * side` rows and columns.
  public func callAsFunction(_ features: FeatureMap) -> FeatureMap {
    precondition(features.height == 2 * side && features.width == 2 * side)
    // What lies half-way between two rows and two columns is the mean of four.
    let means = features.resized(height: side, width: side)
    return FeatureMap(height: side, width: side, values: layer(means.values))
  }
}
