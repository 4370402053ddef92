import Checkpoints
public import Foundation

extension Decoder {
  /// The names of the layers' own matrices in a published folder, CoLLaVO's and NExT-Chat's too: what quantising packs. Embeddings,
  /// heads, norms and low-rank pairs are not among them, nor is anything of a vision tower.
  /// - Throws: `CheckpointError` or ``LanguageError`` where the folder is not whole.
  public static func layerMatrices(in folder: URL) throws -> [String] {
    let config = folder.appendingPathComponent("config.json")
    switch try PublishedDecoder(config, by: nil).publisher {
    case .hub: return try Decoder(folder: folder).linearModules.map { $0.name + ".weight" }
    case .collavo:
      let weights = WeightReader(try Checkpoint(folder: folder))
      return try Decoder(collavo: config, weights).linearModules.map { $0.name + ".Plora_main.weight" }
    case .nextChat:
      let weights = WeightReader(try Checkpoint(folder: folder))
      return try Decoder(nextChat: config, weights).linearModules.map { $0.name + ".weight" }
    }
  }

  /// A linear layer that an adapter can have a part in.
  public struct LinearModule: Sendable, Equatable {
    /// As checkpoints of the model's family call it, such as `model.layers.0.self_attn.q_proj`.
    public let name: String
    public let inputs: Int
    public let outputs: Int
  }

  /// All of them, layer by layer.
  public var linearModules: [LinearModule] {
    layers.enumerated().flatMap { index, layer in
      let names = layer.heads == .grouped ? DecoderNames.internLM2 : .llama
      let linears =
        zip(names.projections, layer.projections.map(\.layer)).map { ($0, $1) }
        + [
          (names.output, layer.output), (names.gate, layer.gate), (names.up, layer.up),
          (names.down, layer.down),
        ]
      return linears.map { name, linear in
        LinearModule(name: "model.layers.\(index).\(name)", inputs: linear.inputs, outputs: linear.outputs)
      }
    }
  }

  /// The bytes of all weights, as they are stored.
  public var weightBytes: Int {
    bytesPerToken + (embedding.isSame(as: head) ? 0 : embedding.byteCount)
  }

  /// The bytes of weights that are read to write a token: all but the embeddings, of which it is one row.
  public var bytesPerToken: Int {
    layers.reduce(head.byteCount) { sum, layer in
      let linears = layer.projections.map(\.layer) + [layer.output, layer.gate, layer.up, layer.down]
      return sum + linears.reduce(0) { $0 + $1.base.byteCount }
    }
  }
}
