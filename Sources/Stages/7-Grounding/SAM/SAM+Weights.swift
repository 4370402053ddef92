public import Checkpoints
public import Foundation
import Layers
import Tensors

// Every tensor of the published checkpoints, by name. What is not asked for here or passed over with a reason is an
// error, and so is what is missing or has another shape.

extension SAM {
  /// Opens a folder in transformers' layout (`facebook/sam-vit-*`).
  /// - Parameter weights: nil for those in the folder
  /// - Throws: `ConfigurationError` or `CheckpointError`, naming the file and the key or tensor.
  public init(folder: URL, weights: WeightReader? = nil) throws {
    let configuration = try SAMConfiguration(readingJSON: folder.appendingPathComponent("config.json"))
    let preprocessing = try SAMPreprocessing(
      readingJSON: folder.appendingPathComponent("preprocessor_config.json"),
      side: configuration.imageEncoder.imageSide)
    let weights = try weights ?? WeightReader(Checkpoint(folder: folder))
    try self.init(weights, configuration, preprocessing: preprocessing, names: .huggingFace)
    try weights.finish()
  }

  /// Opens a checkpoint of the authors' (`sam_vit_b_01ec64.pth` and its larger siblings), whose sizes follow from the
  /// shapes in it.
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(original file: URL) throws {
    let weights = WeightReader(try Checkpoint(file: file))
    try self.init(original: weights)
    try weights.finish()
  }

  /// Takes a SAM with the authors' names from a scope of a checkpoint, as NExT-Chat's keeps one under `sam.model`. The
  /// caller finishes the reader.
  /// - Throws: `CheckpointError`, naming the tensor.
  public init(original weights: WeightReader, placement: SAMPreprocessing.Placement = .corner) throws {
    let configuration = try SAMConfiguration(originalShapes: weights)
    try self.init(
      weights, configuration,
      preprocessing: SAMPreprocessing(
        side: configuration.imageEncoder.imageSide, placement: placement, rescale: 1 / 255),
      names: .original)
  }

  init(
    _ weights: WeightReader, _ configuration: SAMConfiguration, preprocessing: SAMPreprocessing, names: SAMNames
  ) throws {
    self.preprocessing = preprocessing
    imageEncoder = try SAMImageEncoder(
      weights.scoped(names.imageEncoder), configuration.imageEncoder,
      outputs: configuration.maskDecoder.width, names: names)
    promptEncoder = try SAMPromptEncoder(weights, configuration.maskDecoder, names: names)
    maskDecoder = try SAMMaskDecoder(
      weights.scoped(names.maskDecoder), configuration.maskDecoder, names: names)
  }
}

extension SAMImageEncoder {
  init(
    _ weights: WeightReader, _ configuration: SAMConfiguration.ImageEncoder, outputs: Int, names: SAMNames
  ) throws {
    self.configuration = configuration
    let (width, grid) = (configuration.width, configuration.gridSide)
    let projection = weights.scoped(names.patchProjection)
    patches = PatchEmbedding(
      weight: try projection.tensor(
        "weight", shape: [width, 3, configuration.patch, configuration.patch]),
      bias: try projection.tensor("bias", shape: [width]))
    positions = try weights.tensor("pos_embed", shape: [1, grid, grid, width])
      .reshaped([grid * grid, width])
    layers = try (0..<configuration.layers).map { index in
      try SAMImageLayer(
        weights.scoped("\(names.layers).\(index)"), configuration,
        side: configuration.globalLayers.contains(index) ? grid : configuration.window, names: names)
    }
    let neck = weights.scoped("neck")
    neckProjection = Linear(
      weight: try neck.tensor("\(names.neck[0]).weight", shape: [outputs, width, 1, 1])
        .reshaped([outputs, width]), bias: nil)
    neckNorm = try LayerNorm(neck.scoped(names.neck[1]), width: outputs, epsilon: 1e-6)
    neckConvolution = Convolution3x3(
      weight: try neck.tensor("\(names.neck[2]).weight", shape: [outputs, outputs, 3, 3]))
    outputNorm = try LayerNorm(neck.scoped(names.neck[3]), width: outputs, epsilon: 1e-6)
  }
}

extension SAMImageLayer {
  fileprivate init(
    _ weights: WeightReader, _ configuration: SAMConfiguration.ImageEncoder, side: Int, names: SAMNames
  ) throws {
    let (width, middle) = (configuration.width, configuration.perceptronWidth)
    func norm(_ index: Int) throws -> LayerNorm {
      try LayerNorm(
        weights.scoped(names.layerNorms[index]), width: width, epsilon: configuration.layerNormEpsilon)
    }
    let attention = weights.scoped("attn")
    let differences = [2 * side - 1, width / configuration.heads]
    attentionNorm = try norm(0)
    self.attention = SAMAttention(
      heads: configuration.heads,
      input: try Linear(attention.scoped("qkv"), inputs: width, outputs: 3 * width),
      output: try Linear(attention.scoped("proj"), inputs: width, outputs: width), side: side,
      rows: try attention.tensor("rel_pos_h", shape: differences),
      columns: try attention.tensor("rel_pos_w", shape: differences))
    perceptronNorm = try norm(1)
    expand = try Linear(weights.scoped("mlp.lin1"), inputs: width, outputs: middle)
    contract = try Linear(weights.scoped("mlp.lin2"), inputs: middle, outputs: width)
  }
}
