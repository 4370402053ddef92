import Checkpoints
public import Foundation

/// The sizes of a SAM (arXiv 2304.02643).
public struct SAMConfiguration: Sendable, Equatable {
  /// The image encoder: a transformer of windows, some layers of it over the whole picture.
  public struct ImageEncoder: Sendable, Equatable {
    /// Of each token.
    public var width: Int
    /// Blocks of attention and perceptron.
    public var layers: Int
    /// Of each attention.
    public var heads: Int
    /// The inner width of a layer's perceptron.
    public var perceptronWidth: Int
    /// Of the square that it sees, in pixels.
    public var imageSide: Int
    /// The side of a patch in pixels.
    public var patch: Int
    /// The side of a window in patches.
    public var window: Int
    /// Which layers look at the whole picture, from 0.
    public var globalLayers: Set<Int>
    /// Added to a variance before its root is taken.
    public var layerNormEpsilon: Float

    /// Memberwise.
    public init(
      width: Int, layers: Int, heads: Int, perceptronWidth: Int, imageSide: Int = 1024, patch: Int = 16,
      window: Int = 14, globalLayers: Set<Int>, layerNormEpsilon: Float = 1e-6
    ) {
      self.width = width
      self.layers = layers
      self.heads = heads
      self.perceptronWidth = perceptronWidth
      self.imageSide = imageSide
      self.patch = patch
      self.window = window
      self.globalLayers = globalLayers
      self.layerNormEpsilon = layerNormEpsilon
    }

    /// Patches along a side.
    public var gridSide: Int { imageSide / patch }
  }

  /// The vision transformer's sizes.
  public var imageEncoder: ImageEncoder
  /// Those of the decoder, and of the prompt encoder.
  public var maskDecoder: SAMMaskDecoderConfiguration

  /// Memberwise.
  public init(imageEncoder: ImageEncoder, maskDecoder: SAMMaskDecoderConfiguration = .sam) {
    self.imageEncoder = imageEncoder
    self.maskDecoder = maskDecoder
  }

  /// `facebook/sam-vit-base`
  public static let base = SAMConfiguration(
    imageEncoder: ImageEncoder(
      width: 768, layers: 12, heads: 12, perceptronWidth: 3072, globalLayers: [2, 5, 8, 11]))
}

extension SAMConfiguration {
  /// The sizes of a checkpoint with the authors' names, which has no file beside it: shapes say all but the mask
  /// decoder's heads, of which there are eight in every published one.
  /// - Throws: `CheckpointError` when a tensor is missing or has too few axes to say anything.
  init(originalShapes weights: WeightReader) throws {
    func shape(_ name: String, axes: Int) throws -> [Int] {
      guard let entry = weights.checkpoint.entry(named: weights.prefix + name) else {
        throw CheckpointError.missingTensor(path: weights.checkpoint.path, name: weights.prefix + name)
      }
      // No axis may be empty or absurd: lengths are multiplied and divided.
      guard entry.shape.count == axes, entry.shape.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw CheckpointError.wrongShape(
          path: weights.checkpoint.path, name: weights.prefix + name,
          expected: Array(repeating: 1, count: axes), got: entry.shape)
      }
      return entry.shape
    }
    func count(_ name: (Int) -> String) -> Int {
      var count = 0
      while count < 1024 && weights.has(name(count)) { count += 1 }
      return count
    }
    let grid = try shape("image_encoder.pos_embed", axes: 4)
    let patch = try shape("image_encoder.patch_embed.proj.weight", axes: 4)[3]
    let layers = count { "image_encoder.blocks.\($0).attn.rel_pos_h" }
    let differences = try (0..<max(layers, 1)).map {
      try shape("image_encoder.blocks.\($0).attn.rel_pos_h", axes: 2)
    }
    let width = grid[3]
    let headWidth = differences[0][1]
    // A layer that looks at the whole picture knows as many differences as the picture has.
    let global = differences.indices.filter { differences[$0][0] == 2 * grid[1] - 1 }
    let windowed = differences.first { $0[0] != 2 * grid[1] - 1 }
    let decoderWidth = try shape("mask_decoder.iou_token.weight", axes: 2)[1]
    self.init(
      imageEncoder: ImageEncoder(
        width: width, layers: max(layers, 1), heads: max(1, width / headWidth),
        perceptronWidth: try shape("image_encoder.blocks.0.mlp.lin1.weight", axes: 2)[0],
        imageSide: grid[1] * patch, patch: patch, window: windowed.map { ($0[0] + 1) / 2 } ?? grid[1],
        globalLayers: Set(global)),
      maskDecoder: SAMMaskDecoderConfiguration(
        width: decoderWidth, heads: 8,
        perceptronWidth: try shape("mask_decoder.transformer.layers.0.mlp.lin1.weight", axes: 2)[0],
        depth: max(1, count { "mask_decoder.transformer.layers.\($0).norm1.weight" }),
        downsampling: max(
          1,
          decoderWidth
            / (try shape("mask_decoder.transformer.final_attn_token_to_image.q_proj.weight", axes: 2)[0])),
        alternatives: max(1, try shape("mask_decoder.mask_tokens.weight", axes: 2)[0] - 1),
        scoreWidth: try shape("mask_decoder.iou_prediction_head.layers.0.weight", axes: 2)[0],
        scoreDepth: max(2, count { "mask_decoder.iou_prediction_head.layers.\($0).weight" }),
        maskPromptChannels: try shape("prompt_encoder.mask_downscaling.3.weight", axes: 4)[0],
        gridSide: grid[1], imageSide: grid[1] * patch, layerNormEpsilon: 1e-5))
    // What does not come out even would be divided with a remainder; the checkpoint is no SAM.
    guard width % headWidth == 0, decoderWidth % (8 * maskDecoder.downsampling) == 0, grid[1] == grid[2],
      maskDecoder.maskPromptChannels % 4 == 0, imageEncoder.imageSide <= 4096
    else {
      throw CheckpointError.wrongShape(
        path: weights.checkpoint.path, name: weights.prefix + "image_encoder.pos_embed",
        expected: [1, 64, 64, 768], got: grid)
    }
  }
}

/// The sizes of SAM's prompt encoder and mask decoder, which also sit on other feature maps than SAM's.
public struct SAMMaskDecoderConfiguration: Sendable, Equatable {
  /// Of the feature map and of every token.
  public var width: Int
  /// Of each attention.
  public var heads: Int
  /// The inner width of a layer's perceptron.
  public var perceptronWidth: Int
  /// Layers of attention both ways between tokens and picture.
  public var depth: Int
  /// By what the heads of attention between tokens and picture are narrower together.
  public var downsampling: Int
  /// Masks beside the single one.
  public var alternatives: Int
  /// The inner width of the head that judges masks.
  public var scoreWidth: Int
  /// Its layers.
  public var scoreDepth: Int
  /// Channels of a mask prompt on its way to the width.
  public var maskPromptChannels: Int
  /// Positions along a side of the feature map.
  public var gridSide: Int
  /// Of the square that coordinates are given in.
  public var imageSide: Int
  /// Of the norms within the layers; transformers has 1e-6 there, the original 1e-5.
  public var layerNormEpsilon: Float

  /// Memberwise.
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
    let ratio = vision.mlp_ratio ?? 4
    try file.check("vision_config.hidden_size", width, in: 1...65536)
    try file.check("vision_config.mlp_ratio", ratio, in: 0.01...64)
    imageEncoder = ImageEncoder(
      width: width, layers: layers, heads: vision.num_attention_heads ?? 12,
      perceptronWidth: vision.mlp_dim ?? Int((Double(width) * ratio).rounded(.down)),
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
