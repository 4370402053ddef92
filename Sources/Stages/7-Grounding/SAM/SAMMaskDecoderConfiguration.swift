/// The sizes of SAM's prompt encoder and mask decoder, which also sit on other feature maps than SAM's.
public struct SAMMaskDecoderConfiguration: Sendable, Equatable {
  /// Of the feature map and of every token.
  public var width: Int
  public var heads: Int
  public var perceptronWidth: Int
  public var depth: Int
  /// By what the heads of attention between tokens and picture are narrower together.
  public var downsampling: Int
  /// Masks beside the single one.
  public var alternatives: Int
  public var scoreWidth: Int
  public var scoreDepth: Int
  /// Channels of a mask prompt on its way to the width.
  public var maskPromptChannels: Int
  /// Positions along a side of the feature map.
  public var gridSide: Int
  /// Of the square that coordinates are given in.
  public var imageSide: Int
  /// Of the norms within the layers; transformers has 1e-6 there, the original 1e-5.
  public var layerNormEpsilon: Float

  public init(
    width: Int, heads: Int, perceptronWidth: Int, depth: Int = 2, downsampling: Int = 2, alternatives: Int = 3,
    scoreWidth: Int, scoreDepth: Int = 3, maskPromptChannels: Int = 16, gridSide: Int, imageSide: Int,
    layerNormEpsilon: Float = 1e-6
  ) {
    self.width = width
    self.heads = heads
    self.perceptronWidth = perceptronWidth
    self.depth = depth
    self.downsampling = downsampling
    self.alternatives = alternatives
    self.scoreWidth = scoreWidth
    self.scoreDepth = scoreDepth
    self.maskPromptChannels = maskPromptChannels
    self.gridSide = gridSide
    self.imageSide = imageSide
    self.layerNormEpsilon = layerNormEpsilon
  }

  /// SAM's own, of all three sizes.
  public static let sam = SAMMaskDecoderConfiguration(
    width: 256, heads: 8, perceptronWidth: 2048, scoreWidth: 256, gridSide: 64, imageSide: 1024)

  /// The pocket pipeline's, on its segmenter's map.
  public static let pocket = SAMMaskDecoderConfiguration(
    width: 64, heads: 4, perceptronWidth: 128, scoreWidth: 64, gridSide: 32, imageSide: 256)
}
