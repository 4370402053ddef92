public import Checkpoints
public import Foundation
import Tensors

extension Decoder {
  /// The adapter of the picture's tokens in a CoLLaVO checkpoint (partial LoRA: InternLM-XComposer2, arXiv
  /// 2401.16420).
  public static let ploraAdapter = "plora"
  /// The adapter that takes in the crayon features, at every layer (CoLLaVO, arXiv 2402.11248, section 3).
  public static let crayonAdapter = "crayon"

  /// What is in a CoLLaVO checkpoint, but is not used by its decoder, and why.
  private static let collavoUnused = [
    "model.layers.{n}.feed_forward.w2.Plora_seg_A.weight": "w2 is not shown the map",
    "model.layers.{n}.feed_forward.w2.Plora_seg_B.weight": "w2 is not shown the map",
    "model.layers.{n}.attention.rotary_emb.inv_freq": "computed from the base",
  ]

  /// The decoder of a CoLLaVO checkpoint in the authors' layout, with its two adapters attached. Both belong to
  /// the model: it was trained with each at a gain of 1 (``AdapterGains/collavo``).
  ///
  /// | beside every `wqkv`, `wo`, `w1`, `w3`, `w2` | here |
  /// |---|---|
  /// | `Plora_main` | the layer |
  /// | `Plora_A`, `Plora_B` | ``ploraAdapter``, for the picture's tokens |
  /// | `Plora_seg_A`, `Plora_seg_B`, not of `w2` | ``crayonAdapter``, for the same, of their crayon features |
  ///
  /// Their rank is their alpha, so that a pair's product counts as it is. Their embedding has one row more than
  /// there are logits, for the token that stands for the picture in a text.
  /// - Parameters:
  ///   - config: the checkpoint's `config.json`
  ///   - weights: all of the checkpoint, of which other parts of the model are made too; the caller makes sure
  ///     that nothing is left over
  /// - Throws: `CheckpointError` or ``LanguageError`` naming the file and what is wrong.
  public init(collavo config: URL, _ weights: WeightReader) throws {
    var decoder = try Decoder(try PublishedDecoder(config, by: .collavo), weights)
    decoder.adapterNames = [Self.ploraAdapter, Self.crayonAdapter]
    let names = DecoderNames.internLM2
    for index in decoder.layers.indices {
      let scope = weights.scoped("model.layers.\(index)")
      let linears: [(name: String, path: WritableKeyPath<DecoderLayer, AdaptedLinear>)] = [
        (names.projections[0], \.projections[0].layer), (names.output, \.output), (names.gate, \.gate),
        (names.up, \.up), (names.down, \.down),
      ]
      for (name, path) in linears {
        let pairs = scope.scoped(name)
        let layer = decoder.layers[index][keyPath: path]
        let plora = try pairs.lowRankPair(
          "Plora", inputs: layer.inputs, outputs: layer.outputs, scope: AdapterScope(tokens: .image))
        decoder.layers[index][keyPath: path].attach(plora, at: 0)
        guard name != names.down else { continue }
        let crayon = try pairs.lowRankPair(
          "Plora_seg", inputs: decoder.configuration.width, outputs: layer.outputs,
          scope: AdapterScope(tokens: .image, input: .crayon))
        decoder.layers[index][keyPath: path].attach(crayon, at: 1)
      }
    }
    weights.passOver(Self.collavoUnused)
    self = decoder
  }
}

extension AdapterGains {
  /// As CoLLaVO was trained.
  public static let collavo = AdapterGains([Decoder.ploraAdapter: 1, Decoder.crayonAdapter: 1])
}

extension WeightReader {
  /// `<name>_A.weight` [rank, inputs] and `<name>_B.weight` [outputs, rank], for any rank.
  fileprivate func lowRankPair(
    _ name: String, inputs: Int, outputs: Int, scope: AdapterScope
  ) throws -> LowRankAdapter {
    let a = "\(name)_A.weight"
    guard let entry = checkpoint.entry(named: prefix + a) else {
      throw CheckpointError.missingTensor(path: checkpoint.path, name: prefix + a)
    }
    let rank = max(entry.shape.first ?? 1, 1)
    return LowRankAdapter(
      a: try matrix(a, rows: rank, columns: inputs), from: entry,
      b: try tensor("\(name)_B.weight", shape: [outputs, rank]), scale: 1, scope: scope)
  }
}
