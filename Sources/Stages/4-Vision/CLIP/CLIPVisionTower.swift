public import Checkpoints
public import Foundation
public import Layers
public import Tensors

/// The picture's half of CLIP (arXiv 2103.00020): a transformer over the patches of a square picture, with a
/// class token before them.
///
/// What is taken from it is a hidden state: 0 is what enters the first layer, n what leaves the nth, without the
/// norm that follows the last; negative numbers count from the end, as transformers' `hidden_states[-1]` and `[-2]` do.
/// Layers behind it are neither loaded nor run.
public struct CLIPVisionTower: Sendable {
  /// The sizes of the network.
  public let configuration: CLIPVisionConfiguration
  /// Of the square that it sees, in pixels.
  public let side: Int
  /// How many layers are run.
  public let depth: Int
  /// Patches along a side.
  public var gridSide: Int { side / configuration.patch }

  let patches: PatchEmbedding
  /// The class token with its position. [1, width]
  let classToken: Tensor
  /// [gridSide², width]
  let positions: Tensor
  let inputNorm: LayerNorm
  let layers: [CLIPVisionLayer]
  /// The files' part that the weights lie in; nil for weights of memory.
  let source: WeightReader?

  /// The hidden state of a picture.
  /// - Parameters:
  ///   - pixels: side × side, 3 channels, normalised
  ///   - keepsClassToken: whether the first row is the class token's
  /// - Returns: [gridSide², width], the patches row by row; one row more with the class token
  public func callAsFunction(_ pixels: FeatureMap, keepsClassToken: Bool = false) -> Tensor {
    var x = embedded(pixels)
    for layer in layers { x = layer(x) }
    return keepsClassToken ? x : x.rows(1..<x.shape[0])
  }

  /// Lets the system take back the memory of what lies in a file, until the next picture is encoded.
  package func rest() { source?.rest() }

  /// Every hidden state up to the one that is taken, each with its class token.
  package func hiddenStates(_ pixels: FeatureMap) -> [Tensor] {
    var states = [embedded(pixels)]
    for layer in layers { states.append(layer(states[states.count - 1])) }
    return states
  }

  /// What enters the first layer. [1 + gridSide², width]
  private func embedded(_ pixels: FeatureMap) -> Tensor {
    precondition(pixels.height == side && pixels.width == side)
    let patches = patches(pixels).values + positions
    let (count, width) = (patches.shape[0], configuration.width)
    let tokens = Tensor(shape: [1 + count, width]) { out in
      withValues(of: classToken, patches) { classToken, patches in
        out.update(from: classToken, count: width)
        (out + width).update(from: patches, count: count * width)
      }
    }
    return inputNorm(tokens)
  }
}

/// One layer of the tower: attention and a perceptron, each behind a norm and beside a residual.
struct CLIPVisionLayer: Sendable {
  let attentionNorm: LayerNorm
  let attention: MultiHeadAttention
  let perceptronNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let activation: Activation

  /// x [tokens, width] → [tokens, width]
  func callAsFunction(_ x: Tensor) -> Tensor {
    let normed = attentionNorm(x)
    let attended = attention(queries: normed, keys: normed, values: normed, residual: x)
    return contract(expand(perceptronNorm(attended), activation: activation), residual: attended)
  }
}

// Every tensor of the published checkpoints, by name. What is not asked for here or passed over with a reason is an
// error, and so is what is missing or has another shape.

extension CLIPVisionTower {
  /// Takes the tower from a scope of a checkpoint: `vision_model` of a published CLIP, or wherever a larger model keeps
  /// one. The caller finishes the reader.
  /// - Parameters:
  ///   - weights: the scope, with `embeddings`, `pre_layrnorm` and `encoder` in it
  ///   - configuration: sizes that the tensors must have, and what lies between them
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
  /// - Parameters:
  ///   - folder: with `config.json` and, where `weights` is nil, the weights
  ///   - side: of the square that it is to see, in pixels, a multiple of the patch; nil for the one that it was
  ///     trained on
  ///   - layer: the hidden state that is taken, counted as transformers does: -1 for the last
  ///   - weights: nil for those in the folder
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

extension CLIPVisionTower {
  /// A tower of random weights, to measure with: weights do not matter for a time.
  /// - Parameters:
  ///   - configuration: sizes that the weights are made for
  ///   - side: of the square picture in pixels
  ///   - format: `.f32` or `.f16`, of the layers' matrices
  /// - Throws: `VisionError.badSide`
  public init(random configuration: CLIPVisionConfiguration, side: Int, format: MatrixFormat) throws {
    guard side > 0, side <= 4096, side % configuration.patch == 0 else {
      throw VisionError.badSide(side, patch: configuration.patch)
    }
    let (width, middle) = (configuration.width, configuration.perceptronWidth)
    func tensor(_ shape: [Int], _ scale: Float) -> Tensor {
      let count = shape.reduce(1, *)
      return Tensor(shape: shape) { out in
        Parallel.forEachRange(count, grain: 1 << 16) { range in
          for index in range {
            let mixed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
            out[index] = scale * (Float(mixed >> 40) / Float(1 << 23) - 1)
          }
        }
      }
    }
    func norm() -> LayerNorm {
      LayerNorm(
        scale: tensor([width], 1), shift: tensor([width], 0.1), epsilon: configuration.layerNormEpsilon)
    }
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      let weight = tensor([outputs, inputs], 1 / Float(inputs).squareRoot())
      return Linear(
        weight: format == .f32 ? .floats(weight) : .stored(QuantizedMatrix(weight, format: format)),
        bias: tensor([outputs], 0.1))
    }
    let grid = side / configuration.patch
    self.configuration = configuration
    self.side = side
    depth = configuration.layers
    patches = PatchEmbedding(
      weight: tensor([width, 3, configuration.patch, configuration.patch], 0.05), bias: nil)
    classToken = tensor([1, width], 1)
    positions = tensor([grid * grid, width], 1)
    inputNorm = norm()
    layers = (0..<configuration.layers).map { _ in
      CLIPVisionLayer(
        attentionNorm: norm(),
        attention: MultiHeadAttention(
          heads: configuration.heads, query: linear(width, width), key: linear(width, width),
          value: linear(width, width), output: linear(width, width)),
        perceptronNorm: norm(), expand: linear(width, middle), contract: linear(middle, width),
        activation: configuration.activation)
    }
    source = nil
  }
}
