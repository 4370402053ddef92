import Checkpoints
public import CrayonCore
public import Foundation

/// The sizes of a Mask2Former with a Swin backbone, as `config.json` of the published checkpoints has them
/// (`facebook/mask2former-swin-{tiny,small,base,large}-coco-panoptic`).
public struct Mask2FormerConfiguration: Sendable, Equatable {
  /// The backbone (arXiv 2103.14030).
  public struct Swin: Sendable, Equatable {
    /// The width of the first stage; each further one is twice as wide.
    public var embeddingWidth: Int
    /// Blocks in each stage.
    public var depths: [Int]
    /// Of each stage's attention.
    public var heads: [Int]
    /// The side of a window, in patches.
    public var window: Int
    /// The perceptron's width as a multiple of the stage's.
    public var perceptronRatio: Double
    /// Whether queries, keys and values have a bias.
    public var hasQueryKeyValueBias: Bool
    /// Added to a variance before its root is taken.
    public var layerNormEpsilon: Float

    /// Channels of a stage, from 0.
    public func width(ofStage stage: Int) -> Int { embeddingWidth << stage }
  }

  /// The backbone's sizes.
  public var swin: Swin
  /// The pixel decoder's width.
  public var featureWidth: Int
  /// Channels of the features that masks are dot products with.
  public var maskFeatureWidth: Int
  /// The transformer decoder's width.
  public var hiddenWidth: Int
  /// Of the attention in encoder and decoder.
  public var heads: Int
  /// Of deformable attention, in the pixel decoder.
  public var encoderLayers: Int
  /// Layers that run: one fewer than `decoder_layers`, which counts the predictions.
  public var decoderLayers: Int
  /// Inner width of an encoder layer's perceptron.
  public var encoderPerceptronWidth: Int
  /// Inner width of a decoder layer's perceptron.
  public var decoderPerceptronWidth: Int
  /// Segments that the decoder can propose.
  public var queries: Int
  /// Whether the decoder projects the pyramid to its own width.
  public var hasInputProjections: Bool
  /// The names of the classes, by index.
  public var labels: [String]
}

extension Mask2FormerConfiguration {
  /// The categories that its labels name, in their order.
  /// - Parameter vocabulary: where the names get their ids and thing or stuff from
  /// - Throws: ``Mask2FormerError/unknownCategory(name:)`` or `CategoryTableError`
  public func categories(in vocabulary: CategoryTable = .coco) throws -> CategoryTable {
    try CategoryTable(
      labels.map { name in
        guard let category = vocabulary.category(named: name) else {
          throw Mask2FormerError.unknownCategory(name: name)
        }
        return category
      })
  }

  /// Reads `config.json`. Keys that do not change the arithmetic are passed over; those that do are read,
  /// or refused where they ask for something that no published checkpoint has.
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("model_type", config.model_type, is: "mask2former")
    let backbone = config.backbone_config
    try file.require("backbone_config.model_type", backbone.model_type, is: "swin")
    try file.require("backbone_config.patch_size", backbone.patch_size ?? 4, is: SwinBackbone.patch)
    try file.require("backbone_config.num_channels", backbone.num_channels ?? 3, is: 3)
    try file.require("backbone_config.hidden_act", backbone.hidden_act ?? "gelu", is: "gelu")
    try file.require(
      "backbone_config.use_absolute_embeddings", backbone.use_absolute_embeddings ?? false, is: false)
    try file.require(
      "backbone_config.out_features", backbone.out_features ?? Self.allStages, is: Self.allStages)
    try file.require("activation_function", config.activation_function ?? "relu", is: "relu")
    try file.require("pre_norm", config.pre_norm ?? false, is: false)
    try file.require("feature_strides", config.feature_strides ?? [4, 8, 16, 32], is: [4, 8, 16, 32])
    try file.require("common_stride", config.common_stride ?? 4, is: 4)

    swin = Swin(
      embeddingWidth: backbone.embed_dim, depths: backbone.depths, heads: backbone.num_heads,
      window: backbone.window_size, perceptronRatio: backbone.mlp_ratio ?? 4,
      hasQueryKeyValueBias: backbone.qkv_bias ?? true,
      layerNormEpsilon: backbone.layer_norm_eps ?? 1e-5)
    featureWidth = config.feature_size ?? 256
    maskFeatureWidth = config.mask_feature_size ?? 256
    hiddenWidth = config.hidden_dim ?? 256
    heads = config.num_attention_heads ?? 8
    encoderLayers = config.encoder_layers ?? 6
    // One of them is the first prediction, before any layer.
    try file.check("decoder_layers", config.decoder_layers ?? 10, in: 2...257)
    decoderLayers = (config.decoder_layers ?? 10) - 1
    encoderPerceptronWidth = config.encoder_feedforward_dim ?? 1024
    decoderPerceptronWidth = config.dim_feedforward ?? 2048
    queries = config.num_queries ?? 100
    hasInputProjections = (config.enforce_input_projection ?? false) || featureWidth != hiddenWidth
    labels = try file.labels(config.id2label)
    try checkSizes(in: file)
  }

  private static let allStages = ["stage1", "stage2", "stage3", "stage4"]

  /// Whatever passes here can be multiplied and divided without overflow or remainder.
  private func checkSizes(in file: ConfigurationFile) throws {
    guard swin.depths.count == 4, swin.heads.count == 4 else {
      throw ConfigurationError.badValue(
        file: file.path, key: "backbone_config.depths", value: "\(swin.depths)")
    }
    try file.check("backbone_config.embed_dim", swin.embeddingWidth, in: 1...4096)
    try file.check("backbone_config.window_size", swin.window, in: 1...64)
    for stage in 0..<4 {
      try file.check("backbone_config.depths", swin.depths[stage], in: 1...256)
      try file.check("backbone_config.num_heads", swin.heads[stage], in: 1...1024)
      try file.check(
        "backbone_config.embed_dim", swin.width(ofStage: stage), in: 1...65536,
        multipleOf: swin.heads[stage])
    }
    guard (0.01...64).contains(swin.perceptronRatio) else {
      throw ConfigurationError.badValue(
        file: file.path, key: "backbone_config.mlp_ratio", value: "\(swin.perceptronRatio)")
    }
    try file.check("num_attention_heads", heads, in: 1...1024)
    // Group norm has 32 groups; sines need a multiple of 4.
    try file.check("feature_size", featureWidth, in: 32...65536, multipleOf: 32)
    try file.check("feature_size", featureWidth, in: 32...65536, multipleOf: heads)
    try file.check("hidden_dim", hiddenWidth, in: 4...65536, multipleOf: 4)
    try file.check("hidden_dim", hiddenWidth, in: 4...65536, multipleOf: heads)
    try file.check("mask_feature_size", maskFeatureWidth, in: 1...65536)
    try file.check("encoder_layers", encoderLayers, in: 0...256)
    try file.check("encoder_feedforward_dim", encoderPerceptronWidth, in: 1...1 << 20)
    try file.check("dim_feedforward", decoderPerceptronWidth, in: 1...1 << 20)
    try file.check("num_queries", queries, in: 1...65536)
  }
}

/// `config.json` as it is published; names are the file's.
private struct Published: Decodable {
  struct Backbone: Decodable {
    var model_type: String
    var embed_dim: Int
    var depths: [Int]
    var num_heads: [Int]
    var window_size: Int
    var mlp_ratio: Double?
    var qkv_bias: Bool?
    var layer_norm_eps: Float?
    var patch_size: Int?
    var num_channels: Int?
    var hidden_act: String?
    var use_absolute_embeddings: Bool?
    var out_features: [String]?
  }

  var model_type: String
  var backbone_config: Backbone
  var feature_size: Int?
  var mask_feature_size: Int?
  var hidden_dim: Int?
  var num_attention_heads: Int?
  var encoder_layers: Int?
  var decoder_layers: Int?
  var encoder_feedforward_dim: Int?
  var dim_feedforward: Int?
  var num_queries: Int?
  var enforce_input_projection: Bool?
  var activation_function: String?
  var pre_norm: Bool?
  var feature_strides: [Int]?
  var common_stride: Int?
  var id2label: [String: String]
}
