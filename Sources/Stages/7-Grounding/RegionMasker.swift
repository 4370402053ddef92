public import Checkpoints
import CrayonCore
public import Layers
import Tensors

/// Draws the mask that a hidden state means: four prompt tokens out of it for SAM's mask decoder, and beside them the
/// box, where that is wanted.
public struct RegionMasker: Sendable {
  /// [width] → [tokens · decoder width]
  public let maskPrompt: Perceptron
  /// SAM's, for the box.
  public let promptEncoder: SAMPromptEncoder
  /// SAM's, or one of its shape.
  public let maskDecoder: SAMMaskDecoder
  /// Whether the decoder is shown the box as well. NExT-Chat's code does that; its paper reports that the tokens alone
  /// are about a point better.
  public var showsBox: Bool
  /// Added to a box's coordinates in pixels. SAM adds half a pixel to them, as to points; a decoder that was trained
  /// on edges, as the pocket pipeline's, needs that taken back.
  public var cornerShift: Float

  /// - Precondition: `maskPrompt` makes whole tokens of the decoder's width.
  public init(
    maskPrompt: Perceptron, promptEncoder: SAMPromptEncoder, maskDecoder: SAMMaskDecoder, showsBox: Bool = true,
    cornerShift: Float = 0
  ) {
    precondition(maskPrompt.outputs % maskDecoder.configuration.width == 0)
    self.maskPrompt = maskPrompt
    self.promptEncoder = promptEncoder
    self.maskDecoder = maskDecoder
    self.showsBox = showsBox
    self.cornerShift = cornerShift
  }

  /// The pocket pipeline's, with transformers' names for SAM's parts.
  /// - Parameters:
  ///   - weights: has `mask_prompt`, `mask_decoder` and the prompt encoder
  ///   - width: the language model's
  ///   - configuration: sizes of the prompt encoder and the mask decoder
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(
    pocket weights: WeightReader, width: Int, configuration: SAMMaskDecoderConfiguration = .pocket
  ) throws {
    self.init(
      maskPrompt: try Perceptron(
        weights.scoped(GroundingNames.pocket.maskPrompt), names: ["0", "2"],
        widths: [width, width, 4 * configuration.width]),
      promptEncoder: try SAMPromptEncoder(weights, configuration),
      maskDecoder: try SAMMaskDecoder(weights.scoped("mask_decoder"), configuration), cornerShift: -0.5)
  }

  /// NExT-Chat's, over a SAM.
  /// - Parameters:
  ///   - weights: has `seg_prompt_mlp`
  ///   - width: the language model's
  ///   - sam: whose prompt encoder and mask decoder draw
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(nextChat weights: WeightReader, width: Int, sam: SAM) throws {
    self.init(
      maskPrompt: try Perceptron(
        weights.scoped(GroundingNames.nextChat.maskPrompt), names: ["0", "2"],
        widths: [width, width, 4 * sam.maskDecoder.configuration.width]),
      promptEncoder: sam.promptEncoder, maskDecoder: sam.maskDecoder)
  }

  /// - Parameters:
  ///   - hidden: [1, width]
  ///   - box: in fractions of the square that the features are of
  func masks(_ hidden: Tensor, box: FrameBox, on features: FeatureMap) -> SAMMasks {
    let configuration = maskDecoder.configuration
    let tokens = maskPrompt(hidden).reshaped([
      maskPrompt.outputs / configuration.width, configuration.width,
    ])
    func pixels(_ fraction: Double) -> Float { Float(fraction) * Float(configuration.imageSide) + cornerShift }
    let corners = SAMPrompt.Box(
      x0: pixels(box.x0), y0: pixels(box.y0), x1: pixels(box.x1), y1: pixels(box.y1))
    return maskDecoder(
      features, SAMPrompt(box: showsBox ? corners : nil, embeddings: tokens), encoder: promptEncoder)
  }
}

/// From a segmenter's features to those that the pocket pipeline's mask decoder draws on.
public struct MaskFeatures: Sendable {
  /// [channels of the segmenter] → [width of the decoder], a 1×1 convolution
  private let layer: Linear
  /// Positions along a side of what the decoder draws on; the segmenter's features have twice as many.
  public let side: Int

  /// Takes `mask_features.weight` [width, channels, 1, 1] and its bias.
  /// - Parameters:
  ///   - weights: has `mask_features`
  ///   - channels: the segmenter's
  ///   - configuration: of the mask decoder: its width, and the side of its grid
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
