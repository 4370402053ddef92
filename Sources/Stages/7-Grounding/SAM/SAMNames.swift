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
