public import Checkpoints
public import Foundation
import Layers
import Tensors

// Every tensor of the published checkpoints, by name. What is not asked for here or passed over with a reason is an
// error, and so is what is missing or has another shape.

extension CLIPVisionTower {
  /// Takes the tower from a scope of a checkpoint: `vision_model` of a published CLIP, or wherever a larger model keeps
  /// one. The caller finishes the reader.
  /// - Parameters:
  ///   - side: of the square that it is to see; the positions are interpolated to its grid (bicubic, as torch
  ///     does it), unless they have that grid already, as CoLLaVO's checkpoint does. nil for the one that it was
  ///     trained on.
  ///   - layer: the hidden state that is taken, counted as transformers does
  /// - Throws: ``VisionError`` or `CheckpointError`.
  public init(
    _ weights: WeightReader, _ configuration: CLIPVisionConfiguration, side: Int? = nil, layer: Int = -1
  ) throws {
    let depth = layer < 0 ? configuration.layers + 1 + layer : layer
    guard (0...configuration.layers).contains(depth) else {
      throw VisionError.noSuchLayer(index: layer, layers: configuration.layers)
    }
    // The published tower drops what is behind the last whole patch; a side that is asked for should fit.
    let side = side ?? configuration.gridSide * configuration.patch
    guard side > 0, side <= 4096, side % configuration.patch == 0 else {
      throw VisionError.badSide(side, patch: configuration.patch)
    }
    self.configuration = configuration
    self.side = side
    self.depth = depth
    let width = configuration.width
    let embeddings = weights.scoped("embeddings")
    patches = PatchEmbedding(
      weight: try embeddings.tensor(
        "patch_embedding.weight", shape: [width, 3, configuration.patch, configuration.patch]),
      bias: nil)
    let grid = side / configuration.patch
    let stored = embeddings.checkpoint.entry(named: embeddings.prefix + "position_embedding.weight")?.shape
      .first
    let trained = stored == 1 + grid * grid ? grid : configuration.gridSide
    let table = try embeddings.tensor(
      "position_embedding.weight", shape: [1 + trained * trained, width])
    classToken =
      try embeddings.tensor("class_embedding", shape: [width]).reshaped([1, width]) + table.rows(0..<1)
    let positions = FeatureMap(
      height: trained, width: trained, values: table.rows(1..<table.shape[0]))
    self.positions =
      grid == trained ? positions.values : positions.resizedBicubic(height: grid, width: grid).values
    // Spelt like this in every checkpoint.
    inputNorm = try LayerNorm(
      weights.scoped("pre_layrnorm"), width: width, epsilon: configuration.layerNormEpsilon)
    layers = try (0..<depth).map {
      try CLIPVisionLayer(weights.scoped("encoder.layers.\($0)"), configuration)
    }
    source = weights
    weights.passOver(Self.unused(configuration, from: depth))
  }

  /// Opens a folder in the published layout, of a whole CLIP or of a `CLIPVisionModel`.
  /// - Parameter weights: nil for those in the folder
  /// - Throws: ``VisionError``, `ConfigurationError` or `CheckpointError`, naming the file and the key or tensor.
  public init(folder: URL, side: Int? = nil, layer: Int = -1, weights: WeightReader? = nil) throws {
    let configuration = try CLIPVisionConfiguration(
      readingJSON: folder.appendingPathComponent("config.json"))
    let weights = try weights ?? WeightReader(Checkpoint(folder: folder))
    // transformers 5 saves a vision model without the prefix that everybody else's have.
    let prefix = weights.has("embeddings.class_embedding") ? "" : "vision_model"
    try self.init(weights.scoped(prefix), configuration, side: side, layer: layer)
    try weights.finish(ignoring: Self.textTower)
  }

  /// What a tower's scope holds that is not run, and why.
  private static func unused(_ configuration: CLIPVisionConfiguration, from depth: Int) -> [String: String] {
    var names = [
      "embeddings.position_ids": "the numbers 0, 1, 2, …",
      "post_layernorm.weight": "behind the hidden states", "post_layernorm.bias": "behind the hidden states",
    ]
    for layer in depth..<configuration.layers {
      for name in layerTensors {
        names["encoder.layers.\(layer).\(name)"] = "behind the hidden state that is taken"
      }
    }
    return names
  }

  private static let layerTensors = [
    "layer_norm1", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
    "layer_norm2", "mlp.fc1", "mlp.fc2",
  ].flatMap { ["\($0).weight", "\($0).bias"] }

  /// What a whole CLIP holds besides, and why it is left there.
  private static let textTower: [String: String] = {
    let reason = "the text's half of CLIP: the language model reads the text"
    var names = [
      "logit_scale": reason, "text_projection.weight": reason,
      "visual_projection.weight": "leads to where pictures and texts are compared",
      "text_model.embeddings.position_ids": reason,
      "text_model.embeddings.position_embedding.weight": reason,
      "text_model.embeddings.token_embedding.weight": reason,
      "text_model.final_layer_norm.weight": reason, "text_model.final_layer_norm.bias": reason,
    ]
    for name in layerTensors { names["text_model.encoder.layers.{n}.\(name)"] = reason }
    return names
  }()
}

extension CLIPVisionLayer {
  fileprivate init(_ weights: WeightReader, _ configuration: CLIPVisionConfiguration) throws {
    let (width, middle) = (configuration.width, configuration.perceptronWidth)
    func norm(_ name: String) throws -> LayerNorm {
      try LayerNorm(weights.scoped(name), width: width, epsilon: configuration.layerNormEpsilon)
    }
    func projection(_ name: String) throws -> Linear {
      try Linear(weights.scoped("self_attn.\(name)"), inputs: width, outputs: width)
    }
    attentionNorm = try norm("layer_norm1")
    attention = MultiHeadAttention(
      heads: configuration.heads, query: try projection("q_proj"), key: try projection("k_proj"),
      value: try projection("v_proj"), output: try projection("out_proj"))
    perceptronNorm = try norm("layer_norm2")
    expand = try Linear(weights.scoped("mlp.fc1"), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("mlp.fc2"), inputs: middle, outputs: width)
    activation = configuration.activation
  }
}
