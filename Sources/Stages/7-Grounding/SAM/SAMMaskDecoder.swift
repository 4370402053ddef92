public import Checkpoints
public import CrayonCore
public import Layers
public import Tensors

/// Draws masks on a feature map as a prompt's tokens ask for them (SAM, section 3 and appendix A): a small transformer
/// whose mask tokens become, through a hypernetwork each, the weights that tell inside from outside.
public struct SAMMaskDecoder: Sendable {
  /// Its sizes.
  public let configuration: SAMMaskDecoderConfiguration
  /// The token of the score and those of the masks: [1 + masks, width]
  let outputTokens: Tensor
  let layers: [SAMTwoWayLayer]
  let finalAttention: MultiHeadAttention
  let finalNorm: LayerNorm
  let firstUpscaling: TransposedConvolution2x2
  let upscalingNorm: LayerNorm
  let secondUpscaling: TransposedConvolution2x2
  let hypernetworks: [Perceptron]
  let scoreHead: Perceptron

  /// Which of the masks are wanted.
  public enum Choice: Sendable {
    /// The one that is made for prompts that leave no doubt.
    case single
    /// The others: whole, part, and part of a part.
    case alternatives
  }

  /// Masks for one prompt.
  /// - Parameters:
  ///   - features: of the picture, `gridSide` positions a side
  ///   - prompt: made for the same square
  ///   - encoder: makes the prompt's tokens, and what is added to the features
  ///   - choice: one mask, or the alternatives
  /// - Precondition: the sizes are those of the configuration.
  public func callAsFunction(
    _ features: FeatureMap, _ prompt: SAMPrompt, encoder: SAMPromptEncoder, choice: Choice = .single
  ) -> SAMMasks {
    let width = configuration.width
    precondition(features.channels == width && features.positions == encoder.gridPositions.shape[0])
    precondition(
      prompt.mask.map { $0.height == 4 * features.height && $0.width == 4 * features.width } ?? true)
    let tokens = Tensor(joining: [outputTokens, encoder.tokens(prompt)], width: width)
    let picture = added(features.values, encoder.dense(prompt))
    let (decoded, seen) = transformed(tokens, picture, encoder.gridPositions)
    let map = upscaled(FeatureMap(height: features.height, width: features.width, values: seen))

    let wanted = choice == .single ? 0..<1 : 1..<1 + configuration.alternatives
    let weights = Tensor(
      joining: wanted.map { hypernetworks[$0](decoded.rows(1 + $0..<2 + $0)) }, width: map.channels)
    // [masks, positions]: each mask's weights against every position.
    let logits = Linear(weight: map.values, bias: nil)(weights)
    let scores = scoreHead(decoded.rows(0..<1)).values
    return SAMMasks(
      logits: logits, height: map.height, width: map.width, scores: wanted.map { scores[$0] })
  }

  /// The transformer: what tokens and picture have become.
  private func transformed(
    _ tokens: Tensor, _ picture: Tensor, _ positions: Tensor
  ) -> (tokens: Tensor, picture: Tensor) {
    var (decoded, seen) = (tokens, picture)
    for layer in layers {
      layer.apply(
        tokens: &decoded, picture: &seen, tokenPositions: tokens, picturePositions: positions)
    }
    decoded = finalNorm(
      finalAttention.fewQueries(decoded + tokens, keys: seen + positions, values: seen, residual: decoded))
    return (decoded, seen)
  }

  /// Four times the side, an eighth of the channels.
  private func upscaled(_ map: FeatureMap) -> FeatureMap {
    var larger = firstUpscaling(map)
    larger.values = Activation.gelu(upscalingNorm(larger.values))
    return secondUpscaling(larger, activation: .gelu)
  }

  /// x [cells, width] with one row, or as many, added.
  private func added(_ x: Tensor, _ rows: Tensor) -> Tensor {
    guard rows.shape[0] == 1 else { return x + rows }
    let width = configuration.width
    var result = x
    result.write { out in
      rows.read { row in
        for cell in 0..<x.shape[0] {
          for k in 0..<width { out[cell * width + k] += row[k] }
        }
      }
    }
    return result
  }
}

/// One layer of the mask decoder: tokens look at each other and at the picture, and the picture at the tokens.
struct SAMTwoWayLayer: Sendable {
  let selfAttention: MultiHeadAttention
  let selfNorm: LayerNorm
  let toPicture: MultiHeadAttention
  let pictureNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let perceptronNorm: LayerNorm
  let toTokens: MultiHeadAttention
  let tokensNorm: LayerNorm
  /// The first layer's tokens look at each other without their positions, and forget what they were.
  let isFirst: Bool

  /// - Parameters:
  ///   - tokens: [tokens, width]
  ///   - picture: [cells, width]
  ///   - tokenPositions: the tokens as they came into the decoder
  ///   - picturePositions: [cells, width]
  func apply(
    tokens: inout Tensor, picture: inout Tensor, tokenPositions: Tensor, picturePositions: Tensor
  ) {
    if isFirst {
      tokens = selfAttention(queries: tokens, keys: tokens, values: tokens)
    } else {
      let placed = tokens + tokenPositions
      tokens = selfAttention(queries: placed, keys: placed, values: tokens, residual: tokens)
    }
    tokens = selfNorm(tokens)
    let placedPicture = picture + picturePositions
    tokens = pictureNorm(
      toPicture.fewQueries(
        tokens + tokenPositions, keys: placedPicture, values: picture, residual: tokens))
    tokens = perceptronNorm(contract(expand(tokens, activation: .relu), residual: tokens))
    picture = tokensNorm(
      toTokens.fewKeys(
        placedPicture, keys: tokens + tokenPositions, values: tokens, residual: picture))
  }
}

/// What a mask decoder has drawn for one prompt.
public struct SAMMasks: Sendable {
  /// [masks, height · width]; above 0 is inside
  public let logits: Tensor
  /// Of each mask, in positions.
  public let height: Int
  /// Of each mask, in positions.
  public let width: Int
  /// How much of what is meant each mask covers, as the decoder judges it: intersection over union.
  public let scores: [Float]

  /// Whether all logits of a mask are numbers.
  public func isFinite(_ mask: Int) -> Bool { logits.rows(mask..<mask + 1).values.allSatisfy(\.isFinite) }

  /// The logits of a mask on the pixels of the original picture, by bilinear interpolation: over the square of the
  /// frame first, where that has pixels of its own, as SAM's post-processing does it.
  /// - Returns: one channel, of the picture's size
  public func logits(_ mask: Int, in frame: PictureFrame) -> FeatureMap {
    let map = FeatureMap(
      height: height, width: width, values: logits.rows(mask..<mask + 1).reshaped([height * width, 1]))
    return FramedMap.onPicture(map, frame)
  }

  /// A mask on the pixels of the original picture.
  public func mask(_ mask: Int, in frame: PictureFrame, threshold: Float = 0) -> RunLengthMask {
    let map = logits(mask, in: frame)
    return RunLengthMask(
      width: map.width, height: map.height, pixels: map.values.values.map { $0 > threshold })
  }
}

extension SAMPromptEncoder {
  /// Takes the prompt encoder with transformers' names (`prompt_encoder.…`) from a scope of a checkpoint.
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(_ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration) throws {
    try self.init(weights, configuration, names: .huggingFace)
  }

  init(_ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration, names: SAMNames) throws {
    self.configuration = configuration
    let width = configuration.width
    // transformers shares one table between two names, and writes one or both.
    let directions = names.directions.first { weights.has($0) } ?? names.directions[0]
    positions = SAMPositionEncoding(
      directions: try weights.tensor(directions, shape: [2, width / 2]))
    for name in names.directions where name != directions {
      weights.passOver([name: "the same table as \(directions)"])
    }
    gridPositions = positions.grid(side: configuration.gridSide)
    let encoder = weights.scoped(names.promptEncoder)
    let rows = try (0..<4).map {
      try encoder.tensor("\(names.points).\($0).weight", shape: [1, width]).values
    }
    points = Tensor(rows.flatMap { $0 }, shape: [4, width])
    noPoint = try encoder.tensor("not_a_point_embed.weight", shape: [1, width])
    noMask = try encoder.tensor("no_mask_embed.weight", shape: [1, width])
    maskEmbedding = try SAMMaskEmbedding(encoder, configuration, names: names.maskEmbedding)
  }
}

extension SAMMaskEmbedding {
  fileprivate init(
    _ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration, names: [String]
  ) throws {
    let wide = configuration.maskPromptChannels
    let narrow = wide / 4
    func halving(_ name: String, inputs: Int, outputs: Int) throws -> PatchEmbedding {
      PatchEmbedding(
        weight: try weights.tensor("\(name).weight", shape: [outputs, inputs, 2, 2]),
        bias: try weights.tensor("\(name).bias", shape: [outputs]))
    }
    first = try halving(names[0], inputs: 1, outputs: narrow)
    firstNorm = try LayerNorm(weights.scoped(names[1]), width: narrow, epsilon: 1e-6)
    second = try halving(names[2], inputs: narrow, outputs: wide)
    secondNorm = try LayerNorm(weights.scoped(names[3]), width: wide, epsilon: 1e-6)
    last = Linear(
      weight: try weights.tensor("\(names[4]).weight", shape: [configuration.width, wide, 1, 1])
        .reshaped([configuration.width, wide]),
      bias: try weights.tensor("\(names[4]).bias", shape: [configuration.width]))
  }
}

extension SAMMaskDecoder {
  /// Takes the mask decoder with transformers' names from a scope of a checkpoint (`mask_decoder`).
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(_ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration) throws {
    try self.init(weights, configuration, names: .huggingFace)
  }

  init(_ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration, names: SAMNames) throws {
    self.configuration = configuration
    let width = configuration.width
    let masks = 1 + configuration.alternatives
    let score = try weights.tensor("iou_token.weight", shape: [1, width])
    let tokens = try weights.tensor("mask_tokens.weight", shape: [masks, width])
    outputTokens = Tensor(score.values + tokens.values, shape: [1 + masks, width])
    layers = try (0..<configuration.depth).map { index in
      try SAMTwoWayLayer(
        weights.scoped("transformer.layers.\(index)"), configuration, isFirst: index == 0, names: names)
    }
    finalAttention = try MultiHeadAttention(
      weights.scoped("transformer.final_attn_token_to_image"), configuration,
      downsampling: configuration.downsampling)
    finalNorm = try LayerNorm(weights.scoped(names.finalNorm), width: width)
    let (half, quarter) = (width / 4, width / 8)
    func upscaling(_ name: String, inputs: Int, outputs: Int) throws -> TransposedConvolution2x2 {
      TransposedConvolution2x2(
        weight: try weights.tensor("\(name).weight", shape: [inputs, outputs, 2, 2]),
        bias: try weights.tensor("\(name).bias", shape: [outputs]))
    }
    firstUpscaling = try upscaling(names.upscaling[0], inputs: width, outputs: half)
    upscalingNorm = try LayerNorm(weights.scoped(names.upscaling[1]), width: half, epsilon: 1e-6)
    secondUpscaling = try upscaling(names.upscaling[2], inputs: half, outputs: quarter)
    hypernetworks = try (0..<masks).map {
      try Perceptron(
        weights.scoped("output_hypernetworks_mlps.\($0)"), names: names.perceptron(3),
        widths: [width, width, width, quarter])
    }
    let depth = configuration.scoreDepth
    scoreHead = try Perceptron(
      weights.scoped("iou_prediction_head"), names: names.perceptron(depth),
      widths: [width] + Array(repeating: configuration.scoreWidth, count: depth - 1) + [masks])
  }
}

extension SAMTwoWayLayer {
  fileprivate init(
    _ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration, isFirst: Bool, names: SAMNames
  ) throws {
    let (width, middle) = (configuration.width, configuration.perceptronWidth)
    func norm(_ index: Int) throws -> LayerNorm {
      try LayerNorm(
        weights.scoped(names.twoWayNorms[index]), width: width, epsilon: configuration.layerNormEpsilon)
    }
    func attention(_ name: String, _ downsampling: Int) throws -> MultiHeadAttention {
      try MultiHeadAttention(weights.scoped(name), configuration, downsampling: downsampling)
    }
    self.isFirst = isFirst
    selfAttention = try attention("self_attn", 1)
    selfNorm = try norm(0)
    toPicture = try attention("cross_attn_token_to_image", configuration.downsampling)
    pictureNorm = try norm(1)
    expand = try Linear(weights.scoped("mlp.lin1"), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("mlp.lin2"), inputs: middle, outputs: width)
    perceptronNorm = try norm(2)
    toTokens = try attention("cross_attn_image_to_token", configuration.downsampling)
    tokensNorm = try norm(3)
  }
}

extension MultiHeadAttention {
  /// SAM's names for the four layers.
  fileprivate init(
    _ weights: WeightReader, _ configuration: SAMMaskDecoderConfiguration, downsampling: Int
  ) throws {
    let width = configuration.width
    let inner = width / downsampling
    self.init(
      heads: configuration.heads,
      query: try Linear(weights.scoped("q_proj"), inputs: width, outputs: inner),
      key: try Linear(weights.scoped("k_proj"), inputs: width, outputs: inner),
      value: try Linear(weights.scoped("v_proj"), inputs: width, outputs: inner),
      output: try Linear(weights.scoped("out_proj"), inputs: inner, outputs: width))
  }
}
