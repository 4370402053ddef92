public import Checkpoints
import Layers
import Tensors

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
