import Checkpoints
public import Foundation
public import Layers

/// The sizes of a CLIP vision tower.
public struct CLIPVisionConfiguration: Sendable, Equatable {
  /// Channels of a hidden state.
  public var width: Int
  /// Transformer layers.
  public var layers: Int
  /// Of each layer's attention.
  public var heads: Int
  /// Inner width of a layer's perceptron.
  public var perceptronWidth: Int
  /// Of the square that it was trained on, in pixels.
  public var imageSide: Int
  /// The side of a patch in pixels.
  public var patch: Int
  /// Between the two matrices of a perceptron.
  public var activation: Activation
  /// Added to a variance before its root is taken.
  public var layerNormEpsilon: Float

  /// Memberwise.
  public init(
    width: Int, layers: Int, heads: Int, perceptronWidth: Int, imageSide: Int, patch: Int,
    activation: Activation = .quickGELU, layerNormEpsilon: Float = 1e-5
  ) {
    self.width = width
    self.layers = layers
    self.heads = heads
    self.perceptronWidth = perceptronWidth
    self.imageSide = imageSide
    self.patch = patch
    self.activation = activation
    self.layerNormEpsilon = layerNormEpsilon
  }

  /// `openai/clip-vit-large-patch14-336`, which CoLLaVO and NExT-Chat are built on.
  public static let largePatch14At336 = CLIPVisionConfiguration(
    width: 1024, layers: 24, heads: 16, perceptronWidth: 4096, imageSide: 336, patch: 14)

  /// Patches along a side.
  public var gridSide: Int { imageSide / patch }

  /// Reads `config.json` of a folder in the published layout: of a whole CLIP, whose `vision_config` is taken, or of
  /// a `CLIPVisionModel`. What a file leaves out has transformers' default, as in the published files.
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let whole = try file.decode(Whole.self)
    let prefix: String
    let config: Published
    switch whole.model_type {
    case "clip":
      prefix = "vision_config."
      guard let vision = whole.vision_config else {
        throw ConfigurationError.missingKey(file: file.path, key: "vision_config")
      }
      config = vision
    case "clip_vision_model":
      prefix = ""
      config = try file.decode(Published.self)
    case let other:
      throw ConfigurationError.unsupported(
        file: file.path, key: "model_type", value: other, supported: "clip or clip_vision_model")
    }
    try file.require(prefix + "num_channels", config.num_channels ?? 3, is: 3)
    let activation: Activation
    switch config.hidden_act ?? "quick_gelu" {
    case "quick_gelu": activation = .quickGELU
    case "gelu": activation = .gelu
    case let other:
      throw ConfigurationError.unsupported(
        file: file.path, key: prefix + "hidden_act", value: other, supported: "quick_gelu or gelu")
    }
    self.init(
      width: config.hidden_size ?? 768, layers: config.num_hidden_layers ?? 12,
      heads: config.num_attention_heads ?? 12, perceptronWidth: config.intermediate_size ?? 3072,
      imageSide: config.image_size ?? 224, patch: config.patch_size ?? 32, activation: activation,
      layerNormEpsilon: config.layer_norm_eps ?? 1e-5)
    try file.check(prefix + "num_attention_heads", heads, in: 1...1024)
    try file.check(prefix + "hidden_size", width, in: 1...65536, multipleOf: heads)
    try file.check(prefix + "num_hidden_layers", layers, in: 1...1024)
    try file.check(prefix + "intermediate_size", perceptronWidth, in: 1...1 << 20)
    try file.check(prefix + "patch_size", patch, in: 1...1024)
    try file.check(prefix + "image_size", imageSide, in: patch...4096)
    guard layerNormEpsilon.isFinite, layerNormEpsilon > 0 else {
      throw ConfigurationError.badValue(
        file: file.path, key: prefix + "layer_norm_eps", value: "\(layerNormEpsilon)")
    }
  }
}

/// `config.json` as it is published; names are the file's.
private struct Whole: Decodable {
  var model_type: String
  var vision_config: Published?
}

private struct Published: Decodable {
  var hidden_size: Int?
  var intermediate_size: Int?
  var num_hidden_layers: Int?
  var num_attention_heads: Int?
  var num_channels: Int?
  var image_size: Int?
  var patch_size: Int?
  var hidden_act: String?
  var layer_norm_eps: Float?
}
