import Checkpoints
public import Foundation

extension SAMConfiguration {
  /// Reads `config.json` of a folder in transformers' layout. What a file leaves out has transformers' default, as in the
  /// published files.
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("model_type", config.model_type, is: "sam")
    let vision = config.vision_config ?? .init()
    let prompt = config.prompt_encoder_config ?? .init()
    let decoder = config.mask_decoder_config ?? .init()
    try file.require("vision_config.hidden_act", vision.hidden_act ?? "gelu", is: "gelu")
    try file.require("vision_config.num_channels", vision.num_channels ?? 3, is: 3)
    try file.require("vision_config.use_abs_pos", vision.use_abs_pos ?? true, is: true)
    try file.require("vision_config.use_rel_pos", vision.use_rel_pos ?? true, is: true)
    try file.require("vision_config.qkv_bias", vision.qkv_bias ?? true, is: true)
    try file.require("prompt_encoder_config.hidden_act", prompt.hidden_act ?? "gelu", is: "gelu")
    try file.require(
      "prompt_encoder_config.num_point_embeddings", prompt.num_point_embeddings ?? 4, is: 4)
    try file.require(
      "prompt_encoder_config.layer_norm_eps", prompt.layer_norm_eps ?? 1e-6, is: 1e-6)
    try file.require("mask_decoder_config.hidden_act", decoder.hidden_act ?? "relu", is: "relu")

    let width = vision.hidden_size ?? 768
    let layers = vision.num_hidden_layers ?? 12
    let epsilon = vision.layer_norm_eps ?? 1e-6
    imageEncoder = ImageEncoder(
      width: width, layers: layers, heads: vision.num_attention_heads ?? 12,
      perceptronWidth: vision.mlp_dim ?? Int((Double(width) * (vision.mlp_ratio ?? 4)).rounded(.down)),
      imageSide: vision.image_size ?? 1024, patch: vision.patch_size ?? 16, window: vision.window_size ?? 14,
      globalLayers: Set(vision.global_attn_indexes ?? [2, 5, 8, 11]), layerNormEpsilon: epsilon)
    try file.check("vision_config.num_hidden_layers", layers, in: 1...1024)
    try file.check("vision_config.num_attention_heads", imageEncoder.heads, in: 1...1024)
    try file.check("vision_config.hidden_size", width, in: 1...65536, multipleOf: imageEncoder.heads)
    try file.check("vision_config.mlp_dim", imageEncoder.perceptronWidth, in: 1...1 << 20)
    try file.check("vision_config.patch_size", imageEncoder.patch, in: 1...1024)
    try file.check(
      "vision_config.image_size", imageEncoder.imageSide, in: 1...4096, multipleOf: imageEncoder.patch)
    // 0 stands for no windows at all.
    if imageEncoder.window == 0 {
      imageEncoder.globalLayers = Set(0..<layers)
    } else {
      try file.check("vision_config.window_size", imageEncoder.window, in: 1...4096)
    }
    guard epsilon.isFinite, epsilon > 0, decoder.layer_norm_eps.map({ $0.isFinite && $0 > 0 }) ?? true else {
      throw ConfigurationError.badValue(file: file.path, key: "layer_norm_eps", value: "\(epsilon)")
    }

    maskDecoder = SAMMaskDecoderConfiguration(
      width: decoder.hidden_size ?? 256, heads: decoder.num_attention_heads ?? 8,
      perceptronWidth: decoder.mlp_dim ?? 2048, depth: decoder.num_hidden_layers ?? 2,
      downsampling: decoder.attention_downsample_rate ?? 2, alternatives: decoder.num_multimask_outputs ?? 3,
      scoreWidth: decoder.iou_head_hidden_dim ?? 256, scoreDepth: decoder.iou_head_depth ?? 3,
      maskPromptChannels: prompt.mask_input_channels ?? 16, gridSide: imageEncoder.gridSide,
      imageSide: imageEncoder.imageSide, layerNormEpsilon: decoder.layer_norm_eps ?? 1e-6)
    try file.check("mask_decoder_config.num_hidden_layers", maskDecoder.depth, in: 1...64)
    try file.check("mask_decoder_config.num_attention_heads", maskDecoder.heads, in: 1...1024)
    try file.check("mask_decoder_config.attention_downsample_rate", maskDecoder.downsampling, in: 1...64)
    try file.check("mask_decoder_config.hidden_size", maskDecoder.width, in: 8...65536, multipleOf: 8)
    try file.check(
      "mask_decoder_config.hidden_size", maskDecoder.width, in: 8...65536,
      multipleOf: maskDecoder.heads * maskDecoder.downsampling)
    try file.check("mask_decoder_config.mlp_dim", maskDecoder.perceptronWidth, in: 1...1 << 20)
    try file.check("mask_decoder_config.num_multimask_outputs", maskDecoder.alternatives, in: 1...64)
    try file.check("mask_decoder_config.iou_head_hidden_dim", maskDecoder.scoreWidth, in: 1...65536)
    try file.check("mask_decoder_config.iou_head_depth", maskDecoder.scoreDepth, in: 2...64)
    try file.check(
      "prompt_encoder_config.mask_input_channels", maskDecoder.maskPromptChannels, in: 4...4096, multipleOf: 4)
    // Parts that must agree on the width, and on the square.
    try file.require(
      "prompt_encoder_config.hidden_size", prompt.hidden_size ?? 256, is: maskDecoder.width)
    try file.require("vision_config.output_channels", vision.output_channels ?? 256, is: maskDecoder.width)
    try file.require("vision_config.num_pos_feats", vision.num_pos_feats ?? 128, is: maskDecoder.width / 2)
    try file.require("prompt_encoder_config.image_size", prompt.image_size ?? 1024, is: imageEncoder.imageSide)
    try file.require("prompt_encoder_config.patch_size", prompt.patch_size ?? 16, is: imageEncoder.patch)
  }
}

/// `config.json` as it is published; names are the file's.
private struct Published: Decodable {
  struct Vision: Decodable {
    var hidden_size: Int?
    var num_hidden_layers: Int?
    var num_attention_heads: Int?
    var num_channels: Int?
    var image_size: Int?
    var patch_size: Int?
    var hidden_act: String?
    var layer_norm_eps: Float?
    var qkv_bias: Bool?
    var mlp_ratio: Double?
    var mlp_dim: Int?
    var use_abs_pos: Bool?
    var use_rel_pos: Bool?
    var window_size: Int?
    var global_attn_indexes: [Int]?
    var num_pos_feats: Int?
    var output_channels: Int?
  }

  struct Prompt: Decodable {
    var hidden_size: Int?
    var image_size: Int?
    var patch_size: Int?
    var mask_input_channels: Int?
    var num_point_embeddings: Int?
    var hidden_act: String?
    var layer_norm_eps: Float?
  }

  struct Decoder: Decodable {
    var hidden_size: Int?
    var hidden_act: String?
    var mlp_dim: Int?
    var num_hidden_layers: Int?
    var num_attention_heads: Int?
    var attention_downsample_rate: Int?
    var num_multimask_outputs: Int?
    var iou_head_depth: Int?
    var iou_head_hidden_dim: Int?
    var layer_norm_eps: Float?
  }

  var model_type: String
  var vision_config: Vision?
  var prompt_encoder_config: Prompt?
  var mask_decoder_config: Decoder?
}
