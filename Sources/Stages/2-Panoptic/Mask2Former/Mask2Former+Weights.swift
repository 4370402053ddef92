public import Checkpoints
public import CrayonCore
public import Foundation
import Layers
import Tensors

// Every tensor of the published checkpoints, by name. What is not asked for here, or listed as ignored at
// the end, is an error, and so is what is missing or has another shape.

extension Mask2Former {
  /// Loads a folder in the published layout.
  /// - Parameters:
  ///   - folder: with `config.json`, `preprocessor_config.json` and, where `weights` is nil, the weights
  ///   - vocabulary: where the model's class names get their ids and thing or stuff from
  ///   - merge: nil for transformers' thresholds with the segments of each stuff class made one
  ///   - weights: nil for those in the folder
  /// - Throws: `ConfigurationError`, ``Mask2FormerError`` or `CheckpointError`, naming the file and the key or tensor.
  public init(
    folder: URL, vocabulary: CategoryTable = .coco, merge: PanopticMerge? = nil,
    weights: WeightReader? = nil
  ) throws {
    let configuration = try Mask2FormerConfiguration(
      readingJSON: folder.appendingPathComponent("config.json"))
    let weights = try weights ?? WeightReader(Checkpoint(folder: folder))
    self.configuration = configuration
    imageProcessor = try Mask2FormerImageProcessor(
      readingJSON: folder.appendingPathComponent("preprocessor_config.json"))
    categories = try configuration.categories(in: vocabulary)
    let stuff = categories.categories.indices.filter { [categories] in
      !categories.categories[$0].isThing
    }
    self.merge = merge ?? PanopticMerge(fusedLabels: Set(stuff))
    let model = weights.scoped("model.")
    backbone = try SwinBackbone(
      model.scoped("pixel_level_module.encoder."), configuration.swin)
    pixelDecoder = try PixelDecoder(model.scoped("pixel_level_module.decoder."), configuration)
    decoder = try MaskedAttentionDecoder(
      model.scoped("transformer_module."),
      classPredictor: weights.scoped("class_predictor."), configuration)
    try weights.finish(ignoring: Self.ignored)
  }
}

extension Mask2Former {
  /// What checkpoints hold besides, and why it is left there.
  private static let ignored = [
    "criterion.empty_weight": "used in training only",
    "model.pixel_level_module.encoder.encoder.layers.{n}.blocks.{n}.attention.self.relative_position_index":
      "follows from the window's size",
    // Newer versions of transformers save the norm of a whole Swin model, which a pyramid never applies.
    "model.pixel_level_module.encoder.swin.layernorm.weight": "never applied",
    "model.pixel_level_module.encoder.swin.layernorm.bias": "never applied",
  ]
}

extension SwinBackbone {
  fileprivate init(_ weights: WeightReader, _ swin: Mask2FormerConfiguration.Swin) throws {
    let patchSize = 3 * Self.patch * Self.patch
    let projection = weights.scoped("embeddings.patch_embeddings.projection.")
    embedding = Linear(
      weight: try projection.tensor(
        "weight", shape: [swin.embeddingWidth, 3, Self.patch, Self.patch]
      ).reshaped([swin.embeddingWidth, patchSize]),
      bias: try projection.tensor("bias", shape: [swin.embeddingWidth]))
    // Unlike the blocks' norms, this one and the outputs' keep torch's own epsilon.
    embeddingNorm = try LayerNorm(weights.scoped("embeddings.norm."), width: swin.embeddingWidth)
    stages = try swin.depths.indices.map { index in
      let stage = weights.scoped("encoder.layers.\(index).")
      let width = swin.width(ofStage: index)
      return Stage(
        blocks: try (0..<swin.depths[index]).map { block in
          try SwinBlock(
            stage.scoped("blocks.\(block)."), swin, width: width, heads: swin.heads[index],
            shift: block % 2 == 0 ? 0 : swin.window / 2)
        },
        outputNorm: try LayerNorm(
          weights.scoped("hidden_states_norms.stage\(index + 1)."), width: width),
        merging: index + 1 < swin.depths.count
          ? try PatchMerging(stage.scoped("downsample."), width: width) : nil)
    }
  }
}

extension SwinBlock {
  fileprivate init(
    _ weights: WeightReader, _ swin: Mask2FormerConfiguration.Swin, width: Int, heads: Int, shift: Int
  ) throws {
    let epsilon = swin.layerNormEpsilon
    let middle = Int(swin.perceptronRatio * Double(width))
    normBefore = try LayerNorm(weights.scoped("layernorm_before."), width: width, epsilon: epsilon)
    attention = try SwinAttention(
      weights.scoped("attention."), swin, width: width, heads: heads, shift: shift)
    normAfter = try LayerNorm(weights.scoped("layernorm_after."), width: width, epsilon: epsilon)
    expand = try Linear(weights.scoped("intermediate.dense."), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("output.dense."), inputs: middle, outputs: width)
  }
}

extension SwinAttention {
  fileprivate init(
    _ weights: WeightReader, _ swin: Mask2FormerConfiguration.Swin, width: Int, heads: Int, shift: Int
  ) throws {
    self.heads = heads
    self.shift = shift
    window = swin.window
    func projection(_ name: String) throws -> Linear {
      try Linear(
        weights.scoped("self.\(name)."), inputs: width, outputs: width,
        bias: swin.hasQueryKeyValueBias)
    }
    query = try projection("query")
    key = try projection("key")
    value = try projection("value")
    output = try Linear(weights.scoped("output.dense."), inputs: width, outputs: width)
    let side = 2 * swin.window - 1
    biasTable = try weights.tensor("self.relative_position_bias_table", shape: [side * side, heads])
  }
}

extension PatchMerging {
  fileprivate init(_ weights: WeightReader, width: Int) throws {
    norm = try LayerNorm(weights.scoped("norm."), width: 4 * width)
    reduction = try Linear(
      weights.scoped("reduction."), inputs: 4 * width, outputs: 2 * width, bias: false)
  }
}

extension PixelDecoder {
  fileprivate init(_ weights: WeightReader, _ configuration: Mask2FormerConfiguration) throws {
    let width = configuration.featureWidth
    // Coarsest first: stages 4, 3 and 2 of the backbone.
    inputProjections = try (0..<3).map { index in
      try Projection(
        weights.scoped("input_projections.\(index)."),
        inputs: configuration.swin.width(ofStage: 3 - index), outputs: width, bias: true)
    }
    levelEmbedding = try weights.tensor("level_embed", shape: [3, width])
    layers = try (0..<configuration.encoderLayers).map { index in
      try DeformableEncoderLayer(
        weights.scoped("encoder.layers.\(index)."), configuration, levels: 3)
    }
    lateral = try Projection(
      weights.scoped("adapter_1."), inputs: configuration.swin.width(ofStage: 0), outputs: width,
      bias: false)
    let output = weights.scoped("layer_1.")
    outputConvolution = Convolution3x3(
      weight: try output.tensor("0.weight", shape: [width, width, 3, 3]))
    outputNorm = try GroupNorm(output.scoped("1."), groups: 32, channels: width)
    maskProjection = try Linear(
      oneByOne: weights.scoped("mask_projection."), inputs: width,
      outputs: configuration.maskFeatureWidth, bias: true)
  }
}

extension PixelDecoder.Projection {
  fileprivate init(_ weights: WeightReader, inputs: Int, outputs: Int, bias: Bool) throws {
    linear = try Linear(oneByOne: weights.scoped("0."), inputs: inputs, outputs: outputs, bias: bias)
    norm = try GroupNorm(weights.scoped("1."), groups: 32, channels: outputs)
  }
}

extension DeformableEncoderLayer {
  fileprivate init(
    _ weights: WeightReader, _ configuration: Mask2FormerConfiguration, levels: Int
  ) throws {
    let width = configuration.featureWidth
    let middle = configuration.encoderPerceptronWidth
    heads = configuration.heads
    let samples = configuration.heads * levels * Self.points
    let attention = weights.scoped("self_attn.")
    samplingOffsets = try Linear(
      attention.scoped("sampling_offsets."), inputs: width, outputs: samples * 2)
    attentionWeights = try Linear(
      attention.scoped("attention_weights."), inputs: width, outputs: samples)
    value = try Linear(attention.scoped("value_proj."), inputs: width, outputs: width)
    output = try Linear(attention.scoped("output_proj."), inputs: width, outputs: width)
    attentionNorm = try LayerNorm(weights.scoped("self_attn_layer_norm."), width: width)
    expand = try Linear(weights.scoped("fc1."), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("fc2."), inputs: middle, outputs: width)
    finalNorm = try LayerNorm(weights.scoped("final_layer_norm."), width: width)
  }
}

extension MaskedAttentionDecoder {
  fileprivate init(
    _ weights: WeightReader, classPredictor: WeightReader, _ configuration: Mask2FormerConfiguration
  ) throws {
    let width = configuration.hiddenWidth
    let queries = configuration.queries
    queryFeatures = try weights.tensor("queries_features.weight", shape: [queries, width])
    queryPositions = try weights.tensor("queries_embedder.weight", shape: [queries, width])
    inputProjections =
      configuration.hasInputProjections
      ? try (0..<3).map { index in
        try Linear(
          oneByOne: weights.scoped("input_projections.\(index)."),
          inputs: configuration.featureWidth, outputs: width, bias: true)
      } : []
    levelEmbedding = try weights.tensor("level_embed.weight", shape: [3, width])
    let decoder = weights.scoped("decoder.")
    layers = try (0..<configuration.decoderLayers).map { index in
      try Layer(decoder.scoped("layers.\(index)."), configuration)
    }
    norm = try LayerNorm(decoder.scoped("layernorm."), width: width)
    maskEmbedder = try (0..<3).map { index in
      try Linear(
        decoder.scoped("mask_predictor.mask_embedder.\(index).0."), inputs: width,
        outputs: index < 2 ? width : configuration.maskFeatureWidth)
    }
    self.classPredictor = try Linear(
      classPredictor, inputs: width, outputs: configuration.labels.count + 1)
  }
}

extension MaskedAttentionDecoder.Layer {
  fileprivate init(_ weights: WeightReader, _ configuration: Mask2FormerConfiguration) throws {
    let width = configuration.hiddenWidth
    let middle = configuration.decoderPerceptronWidth
    let cross = weights.scoped("cross_attn.")
    // torch's own attention keeps queries, keys and values in one matrix, one below the other.
    let stacked = try cross.tensor("in_proj_weight", shape: [3 * width, width])
    let stackedBias = try cross.tensor("in_proj_bias", shape: [3 * width])
    func part(_ index: Int) -> Linear {
      let rows = index * width..<(index + 1) * width
      return Linear(weight: stacked.rows(rows), bias: stackedBias.rows(rows))
    }
    crossAttention = MultiHeadAttention(
      heads: configuration.heads, query: part(0), key: part(1), value: part(2),
      output: try Linear(cross.scoped("out_proj."), inputs: width, outputs: width))
    crossNorm = try LayerNorm(weights.scoped("cross_attn_layer_norm."), width: width)
    let own = weights.scoped("self_attn.")
    func projection(_ name: String) throws -> Linear {
      try Linear(own.scoped("\(name)."), inputs: width, outputs: width)
    }
    selfAttention = MultiHeadAttention(
      heads: configuration.heads, query: try projection("q_proj"), key: try projection("k_proj"),
      value: try projection("v_proj"), output: try projection("out_proj"))
    selfNorm = try LayerNorm(weights.scoped("self_attn_layer_norm."), width: width)
    expand = try Linear(weights.scoped("fc1."), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("fc2."), inputs: middle, outputs: width)
    finalNorm = try LayerNorm(weights.scoped("final_layer_norm."), width: width)
  }
}

extension GroupNorm {
  fileprivate init(_ weights: WeightReader, groups: Int, channels: Int) throws {
    self.init(
      groups: groups, scale: try weights.tensor("weight", shape: [channels]),
      shift: try weights.tensor("bias", shape: [channels]))
  }
}

extension Linear {
  /// A 1×1 convolution, whose weight has two axes of length 1 behind the usual ones.
  fileprivate init(oneByOne weights: WeightReader, inputs: Int, outputs: Int, bias: Bool) throws {
    self.init(
      weight: try weights.tensor("weight", shape: [outputs, inputs, 1, 1]).reshaped([outputs, inputs]),
      bias: bias ? try weights.tensor("bias", shape: [outputs]) : nil)
  }
}
