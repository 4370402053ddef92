import Checkpoints
public import Foundation
import Tensors

extension Decoder {
  /// The names of the layers' own matrices in a published folder, CoLLaVO's and NExT-Chat's too: what quantising packs.
  /// Embeddings, heads, norms and low-rank pairs are not among them, nor is anything of a vision tower. Nothing is loaded.
  /// - Throws: `CheckpointError` or ``LanguageError`` where one of them is missing or has another shape.
  public static func layerMatrices(in folder: URL) throws -> [String] {
    let checkpoint = try Checkpoint(folder: folder)
    let published = try PublishedDecoder(
      folder.appendingPathComponent("config.json"), by: PublishedDecoder.Publisher(checkpoint))
    return try (0..<published.configuration.layers).flatMap { layer in
      try published.linears.map { linear in
        let module = "model.layers.\(layer).\(linear.name)"
        let partial = module + ".Plora_main.weight"
        let name = checkpoint.entry(named: partial) == nil ? module + ".weight" : partial
        guard let entry = checkpoint.entry(named: name) else {
          throw CheckpointError.missingTensor(path: checkpoint.path, name: name)
        }
        let expected = [linear.outputs, linear.inputs]
        guard entry.shape == expected else {
          throw CheckpointError.wrongShape(
            path: checkpoint.path, name: name, expected: expected, got: entry.shape)
        }
        return name
      }
    }
  }

  /// A linear layer that an adapter can have a part in.
  public struct LinearModule: Sendable, Equatable {
    /// As checkpoints of the model's family call it, such as `model.layers.0.self_attn.q_proj`.
    public let name: String
    /// The last axis of what goes in.
    public let inputs: Int
    /// The last axis of what comes out.
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

extension PublishedDecoder {
  /// The linear layers of a layer, by their names in it.
  fileprivate var linears: [(name: String, inputs: Int, outputs: Int)] {
    let c = configuration
    let projections: [(String, Int, Int)] =
      switch names.heads {
      case .grouped: [(names.projections[0], c.width, c.projectionWidth)]
      case .separate:
        zip(names.projections, [c.queryWidth, c.keyValueWidth, c.keyValueWidth]).map { ($0, c.width, $1) }
      }
    return projections + [
      (names.output, c.queryWidth, c.width), (names.gate, c.width, c.feedForwardWidth),
      (names.up, c.width, c.feedForwardWidth), (names.down, c.feedForwardWidth, c.width),
    ]
  }
}
