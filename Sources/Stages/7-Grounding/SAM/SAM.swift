public import Checkpoints
public import CrayonCore
public import Foundation
import Layers
import Tensors

/// Segment Anything (arXiv 2304.02643): an image encoder that is run once a picture, and a prompt encoder and a mask
/// decoder that are run for every question.
public struct SAM: Sendable {
  /// From a picture to the encoder's square.
  public let preprocessing: SAMPreprocessing
  /// Runs once a picture.
  public let imageEncoder: SAMImageEncoder
  /// Runs once a question.
  public let promptEncoder: SAMPromptEncoder
  /// Runs once a question.
  public let maskDecoder: SAMMaskDecoder

  /// Encodes a picture, which takes most of the time that SAM needs.
  public func see(_ image: RGBImage) -> MaskCanvas {
    MaskCanvas(
      features: imageEncoder(preprocessing(image)),
      frame: preprocessing.frame(width: image.width, height: image.height))
  }

  /// Masks for a prompt whose coordinates are pixels of the model's square.
  public func masks(
    _ prompt: SAMPrompt, on canvas: MaskCanvas, choice: SAMMaskDecoder.Choice = .single
  ) -> SAMMasks {
    maskDecoder(canvas.features, prompt, encoder: promptEncoder, choice: choice)
  }

  /// A box in pixels of the picture, in pixels of the model's square.
  public static func box(_ box: PictureBox, in frame: PictureFrame, side: Int) -> SAMPrompt.Box {
    let fractions = frame.frameBox(of: box)
    func pixels(_ fraction: Double) -> Float { Float(fraction * Double(side)) }
    return SAMPrompt.Box(
      x0: pixels(fractions.x0), y0: pixels(fractions.y0), x1: pixels(fractions.x1), y1: pixels(fractions.y1))
  }
}

// Every tensor of the published checkpoints, by name. What is not asked for here or passed over with a reason is an
// error, and so is what is missing or has another shape.

extension SAM {
  /// Opens a folder in transformers' layout (`facebook/sam-vit-*`).
  /// - Parameters:
  ///   - folder: with `config.json`, `preprocessor_config.json` and, where `weights` is nil, the weights
  ///   - weights: nil for those in the folder
  /// - Throws: `ConfigurationError` or `CheckpointError`, naming the file and the key or tensor.
  public init(folder: URL, weights: WeightReader? = nil) throws {
    let configuration = try SAMConfiguration(readingJSON: folder.appendingPathComponent("config.json"))
    let preprocessing = try SAMPreprocessing(
      readingJSON: folder.appendingPathComponent("preprocessor_config.json"),
      side: configuration.imageEncoder.imageSide)
    let weights = try weights ?? WeightReader(Checkpoint(folder: folder))
    try self.init(weights, configuration, preprocessing: preprocessing, names: .huggingFace)
    try weights.finish()
  }

  /// Opens a checkpoint of the authors' (`sam_vit_b_01ec64.pth` and its larger siblings), whose sizes follow from the
  /// shapes in it.
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(original file: URL) throws {
    let weights = WeightReader(try Checkpoint(file: file))
    try self.init(original: weights)
    try weights.finish()
  }

  /// Takes a SAM with the authors' names from a scope of a checkpoint, as NExT-Chat's keeps one under `sam.model`. The
  /// caller finishes the reader.
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(original weights: WeightReader, placement: SAMPreprocessing.Placement = .corner) throws {
    let configuration = try SAMConfiguration(originalShapes: weights)
    try self.init(
      weights, configuration,
      preprocessing: SAMPreprocessing(
        side: configuration.imageEncoder.imageSide, placement: placement),
      names: .original)
  }

  init(
    _ weights: WeightReader, _ configuration: SAMConfiguration, preprocessing: SAMPreprocessing, names: SAMNames
  ) throws {
    self.preprocessing = preprocessing
    imageEncoder = try SAMImageEncoder(
      weights.scoped(names.imageEncoder), configuration.imageEncoder,
      outputs: configuration.maskDecoder.width, names: names)
    promptEncoder = try SAMPromptEncoder(weights, configuration.maskDecoder, names: names)
    maskDecoder = try SAMMaskDecoder(
      weights.scoped(names.maskDecoder), configuration.maskDecoder, names: names)
  }
}

extension SAMImageEncoder {
  init(
    _ weights: WeightReader, _ configuration: SAMConfiguration.ImageEncoder, outputs: Int, names: SAMNames
  ) throws {
    self.configuration = configuration
    let (width, grid) = (configuration.width, configuration.gridSide)
    let projection = weights.scoped(names.patchProjection)
    patches = PatchEmbedding(
      weight: try projection.tensor(
        "weight", shape: [width, 3, configuration.patch, configuration.patch]),
      bias: try projection.tensor("bias", shape: [width]))
    positions = try weights.tensor("pos_embed", shape: [1, grid, grid, width])
      .reshaped([grid * grid, width])
    layers = try (0..<configuration.layers).map { index in
      try SAMImageLayer(
        weights.scoped("\(names.layers).\(index)"), configuration,
        side: configuration.globalLayers.contains(index) ? grid : configuration.window, names: names)
    }
    let neck = weights.scoped("neck")
    neckProjection = Linear(
      weight: try neck.tensor("\(names.neck[0]).weight", shape: [outputs, width, 1, 1])
        .reshaped([outputs, width]), bias: nil)
    neckNorm = try LayerNorm(neck.scoped(names.neck[1]), width: outputs, epsilon: 1e-6)
    neckConvolution = Convolution3x3(
      weight: try neck.tensor("\(names.neck[2]).weight", shape: [outputs, outputs, 3, 3]))
    outputNorm = try LayerNorm(neck.scoped(names.neck[3]), width: outputs, epsilon: 1e-6)
  }
}

extension SAMImageLayer {
  fileprivate init(
    _ weights: WeightReader, _ configuration: SAMConfiguration.ImageEncoder, side: Int, names: SAMNames
  ) throws {
    let (width, middle) = (configuration.width, configuration.perceptronWidth)
    func norm(_ index: Int) throws -> LayerNorm {
      try LayerNorm(
        weights.scoped(names.layerNorms[index]), width: width, epsilon: configuration.layerNormEpsilon)
    }
    let attention = weights.scoped("attn")
    let differences = [2 * side - 1, width / configuration.heads]
    attentionNorm = try norm(0)
    self.attention = SAMAttention(
      heads: configuration.heads,
      input: try Linear(attention.scoped("qkv"), inputs: width, outputs: 3 * width),
      output: try Linear(attention.scoped("proj"), inputs: width, outputs: width), side: side,
      rows: try attention.tensor("rel_pos_h", shape: differences),
      columns: try attention.tensor("rel_pos_w", shape: differences))
    perceptronNorm = try norm(1)
    expand = try Linear(weights.scoped("mlp.lin1"), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("mlp.lin2"), inputs: middle, outputs: width)
  }
}

/// The tensor names of SAM as transformers has them, and as the authors' own checkpoints do.
struct SAMNames: Sendable {
  var imageEncoder: String
  var patchProjection: String
  var layers: String
  var layerNorms: [String]
  var neck: [String]

  var promptEncoder: String
  /// The directions of the position encoding; the first that is there counts.
  var directions: [String]
  var points: String
  var maskEmbedding: [String]

  var maskDecoder: String
  var twoWayNorms: [String]
  var finalNorm: String
  /// Convolution, norm, convolution.
  var upscaling: [String]
  /// The layers of a perceptron of some depth.
  var perceptron: @Sendable (_ depth: Int) -> [String]
  /// Of the norms in the mask decoder's layers; the original leaves torch's own.
  var layerNormEpsilon: Float

  static let huggingFace = SAMNames(
    imageEncoder: "vision_encoder", patchProjection: "patch_embed.projection", layers: "layers",
    layerNorms: ["layer_norm1", "layer_norm2"], neck: ["conv1", "layer_norm1", "conv2", "layer_norm2"],
    promptEncoder: "prompt_encoder",
    directions: [
      "prompt_encoder.shared_embedding.positional_embedding", "shared_image_embedding.positional_embedding",
    ],
    points: "point_embed",
    maskEmbedding: [
      "mask_embed.conv1", "mask_embed.layer_norm1", "mask_embed.conv2", "mask_embed.layer_norm2",
      "mask_embed.conv3",
    ],
    maskDecoder: "mask_decoder", twoWayNorms: ["layer_norm1", "layer_norm2", "layer_norm3", "layer_norm4"],
    finalNorm: "transformer.layer_norm_final_attn",
    upscaling: ["upscale_conv1", "upscale_layer_norm", "upscale_conv2"],
    perceptron: { depth in ["proj_in"] + (0..<max(0, depth - 2)).map { "layers.\($0)" } + ["proj_out"] },
    layerNormEpsilon: 1e-6)

  /// facebookresearch/segment-anything
  static let original = SAMNames(
    imageEncoder: "image_encoder", patchProjection: "patch_embed.proj", layers: "blocks",
    layerNorms: ["norm1", "norm2"], neck: ["0", "1", "2", "3"],
    promptEncoder: "prompt_encoder",
    directions: ["prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"], points: "point_embeddings",
    maskEmbedding: [
      "mask_downscaling.0", "mask_downscaling.1", "mask_downscaling.3", "mask_downscaling.4",
      "mask_downscaling.6",
    ],
    maskDecoder: "mask_decoder", twoWayNorms: ["norm1", "norm2", "norm3", "norm4"],
    finalNorm: "transformer.norm_final_attn",
    upscaling: ["output_upscaling.0", "output_upscaling.1", "output_upscaling.3"],
    perceptron: { depth in (0..<depth).map { "layers.\($0)" } }, layerNormEpsilon: 1e-5)
}
