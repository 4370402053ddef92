public import Checkpoints
public import Foundation
import Tensors

extension Decoder {
  /// A decoder from a folder as it is on the hub: `config.json` and weights in one or several files, of the
  /// model type `llama` or `internlm2`. Floats are used as they lie in the mapped files, nf4 as bitsandbytes
  /// stores it.
  /// - Parameters:
  ///   - folder: with `config.json` and, where `weights` is nil, the weights
  ///   - weights: nil for those in the folder
  /// - Throws: `CheckpointError` or ``LanguageError`` naming the file and what is wrong.
  public init(folder: URL, weights: WeightReader? = nil) throws {
    let published = try PublishedDecoder(folder.appendingPathComponent("config.json"))
    let weights = try weights ?? WeightReader(Checkpoint(folder: folder))
    self = try Decoder(published, weights)
    try weights.finish(ignoring: [
      "model.layers.{n}.self_attn.rotary_emb.inv_freq": "computed from the base"
    ])
  }

  init(_ published: PublishedDecoder, _ weights: WeightReader) throws {
    let c = published.configuration
    let names = published.names
    configuration = c
    embedding = try weights.matrix(
      names.embedding, rows: c.vocabulary + published.spareEmbeddings, columns: c.width)
    head =
      published.isTied && !weights.has(names.head)
      ? embedding : try weights.matrix(names.head, rows: c.vocabulary, columns: c.width)
    norm = try weights.tensor("model.norm.weight", shape: [c.width])
    layers = try (0..<c.layers).map { index in
      let layer = weights.scoped("model.layers.\(index)")
      func linear(_ name: String, _ rows: Int, _ columns: Int) throws -> AdaptedLinear {
        // The base of a linear layer with partial LoRA.
        let base = layer.has(name + ".Plora_main.weight") ? name + ".Plora_main" : name
        return AdaptedLinear(
          try layer.matrix(base + ".weight", rows: rows, columns: columns),
          bias: layer.has(base + ".bias") ? try layer.tensor(base + ".bias", shape: [rows]) : nil)
      }
      let projections: [(layer: AdaptedLinear, column: Int)]
      switch names.heads {
      case .grouped:
        projections = [(try linear(names.projections[0], c.projectionWidth, c.width), 0)]
      case .separate:
        projections = [
          (try linear(names.projections[0], c.queryWidth, c.width), 0),
          (try linear(names.projections[1], c.keyValueWidth, c.width), c.queryWidth),
          (
            try linear(names.projections[2], c.keyValueWidth, c.width),
            c.queryWidth + c.keyValueWidth
          ),
        ]
      }
      return DecoderLayer(
        attentionNorm: try layer.tensor(names.attentionNorm + ".weight", shape: [c.width]),
        projections: projections, heads: names.heads,
        output: try linear(names.output, c.width, c.queryWidth),
        feedForwardNorm: try layer.tensor(names.feedForwardNorm + ".weight", shape: [c.width]),
        gate: try linear(names.gate, c.feedForwardWidth, c.width),
        up: try linear(names.up, c.feedForwardWidth, c.width),
        down: try linear(names.down, c.width, c.feedForwardWidth))
    }
  }
}
