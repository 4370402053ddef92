public import Checkpoints
public import Foundation
import Tensors

extension Decoder {
  /// The decoder with one more adapter, from PEFT's folder format (`adapter_config.json` and
  /// `adapter_model.safetensors`). It works where a request gives it a gain.
  /// - Throws: ``LanguageError`` naming a layer that this model lacks or whose size is another,
  ///   `ConfigurationError` or `CheckpointError`.
  public func attaching(
    adapter name: String, folder: URL, scope: AdapterScope = AdapterScope()
  ) throws -> Decoder {
    let config = try PEFTConfiguration(folder.appendingPathComponent("adapter_config.json"))
    let checkpoint = try Checkpoint(file: folder.appendingPathComponent("adapter_model.safetensors"))
    return try attaching(
      adapter: name, checkpoint, prefix: "base_model.model.", scale: config.scale, scope: scope)
  }

  /// The decoder with one more adapter, from a bundle: pairs `<prefix><module>.lora_A.weight` and
  /// `….lora_B.weight` among other tensors.
  /// - Parameters:
  ///   - name: by which ``AdapterGains`` call it; none that the decoder has already
  ///   - checkpoint: has a pair for each layer that is adapted
  ///   - prefix: what the pairs' names begin with, its last dot included; whatever else begins with it is refused
  ///   - scale: what a pair's product is multiplied by, for a rank
  ///   - scope: which rows the adapter changes, and what it reads
  public func attaching(
    adapter name: String, _ checkpoint: Checkpoint, prefix: String, scale: (_ rank: Int) -> Float,
    scope: AdapterScope = AdapterScope()
  ) throws -> Decoder {
    guard !adapterNames.contains(name) else { throw LanguageError.duplicateAdapter(name) }
    var decoder = self
    decoder.adapterNames.append(name)
    let suffix = ".lora_A.weight"
    let modules = checkpoint.names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
      .map { String($0.dropFirst(prefix.count).dropLast(suffix.count)) }
    let others = checkpoint.names.filter {
      $0.hasPrefix(prefix) && !$0.hasSuffix(suffix) && !$0.hasSuffix(".lora_B.weight")
    }
    guard others.isEmpty, !modules.isEmpty else {
      throw LanguageError.adapterForOtherLayers(
        adapter: name, modules: others.isEmpty ? ["lora_A"] : others.sorted())
    }
    let unknown = modules.filter { decoder.linear($0) == nil }.sorted()
    guard unknown.isEmpty else {
      throw LanguageError.adapterForOtherLayers(adapter: name, modules: unknown)
    }
    for module in modules {
      guard let path = decoder.linear(module) else { continue }
      let layer = decoder.layers[path.layer][keyPath: path.linear]
      let pair = try pair(name, module, layer, checkpoint, prefix: prefix, scope: scope)
      decoder.layers[path.layer][keyPath: path.linear].attach(
        LowRankAdapter(a: pair.a, b: pair.b, scale: scale(pair.a.shape[0]), scope: scope),
        at: decoder.adapterNames.count - 1)
    }
    return decoder
  }

  private func pair(
    _ name: String, _ module: String, _ layer: AdaptedLinear, _ checkpoint: Checkpoint, prefix: String,
    scope: AdapterScope
  ) throws -> (a: Tensor, b: Tensor) {
    // Crayon features are as wide as the stream, whatever goes into the layer itself.
    let inputs = scope.input == .crayon ? configuration.width : layer.inputs
    func tensor(_ half: String, fits: ([Int]) -> Bool, expected: [Int]) throws -> Tensor {
      let full = "\(prefix)\(module).\(half).weight"
      guard let entry = checkpoint.entry(named: full) else {
        throw CheckpointError.missingTensor(path: checkpoint.path, name: full)
      }
      guard fits(entry.shape) else {
        throw LanguageError.adapterShape(
          adapter: name, module: "\(module).\(half)", expected: expected, got: entry.shape)
      }
      return try WeightReader(checkpoint).tensor(full, shape: entry.shape)
    }
    let a = try tensor(
      "lora_A", fits: { $0.count == 2 && $0[1] == inputs && $0[0] > 0 }, expected: [16, inputs])
    let b = try tensor(
      "lora_B", fits: { $0 == [layer.outputs, a.shape[0]] }, expected: [layer.outputs, a.shape[0]])
    let isRotated = module.hasSuffix("q_proj") || module.hasSuffix("k_proj")
    guard isRotated, configuration.rotary.pairs == .neighbours else { return (a, b) }
    return (a, inNeighbourOrder(b))
  }

  /// Adapters are made for Hugging Face's order of a head's rows; GGUF files have put rows that are rotated
  /// together side by side.
  private func inNeighbourOrder(_ b: Tensor) -> Tensor {
    let (rows, rank, width) = (b.shape[0], b.shape[1], configuration.headWidth)
    return Tensor(shape: b.shape) { out in
      b.read { b in
        for row in 0..<rows {
          let (head, within) = (row / width, row % width)
          let target = head * width + within % (width / 2) * 2 + within / (width / 2)
          (out + target * rank).update(from: b + row * rank, count: rank)
        }
      }
    }
  }

  /// Where a module of the checkpoints' naming is in the decoder; nil where it is not.
  private func linear(_ module: String) -> (layer: Int, linear: WritableKeyPath<DecoderLayer, AdaptedLinear>)? {
    let parts = module.split(separator: ".", maxSplits: 3).map(String.init)
    guard parts.count == 4, parts[0] == "model", parts[1] == "layers", let layer = Int(parts[2]),
      layers.indices.contains(layer)
    else { return nil }
    let names = layers[layer].heads == .grouped ? DecoderNames.internLM2 : .llama
    if let index = names.projections.firstIndex(of: parts[3]) {
      return (layer, \DecoderLayer.projections[index].layer)
    }
    switch parts[3] {
    case names.output: return (layer, \.output)
    case names.gate: return (layer, \.gate)
    case names.up: return (layer, \.up)
    case names.down: return (layer, \.down)
    default: return nil
    }
  }
}

extension AdaptedLinear {
  /// Puts an adapter at a position of the decoder's list.
  mutating func attach(_ adapter: LowRankAdapter, at index: Int) {
    while adapters.count <= index { adapters.append(nil) }
    adapters[index] = adapter
  }
}

/// PEFT's `adapter_config.json`; names are the file's.
struct PEFTConfiguration {
  /// What a pair of some rank is multiplied by.
  let scale: @Sendable (_ rank: Int) -> Float

  /// - Throws: `ConfigurationError`, or ``LanguageError`` for what changes the arithmetic and is not done here.
  init(_ url: URL) throws {
    let config = try ConfigurationFile(url).decode(Config.self)
    let unsupported: [(Bool, String)] = [
      (config.peft_type != "LORA", "an adapter of the type \(config.peft_type)"),
      (config.use_dora ?? false, "weight-decomposed adapters (DoRA)"),
      (config.fan_in_fan_out ?? false, "transposed weights (fan_in_fan_out)"),
      (config.bias ?? "none" != "none", "an adapter with biases"),
      (!(config.modules_to_save ?? []).isEmpty, "whole modules in an adapter (modules_to_save)"),
      (!(config.alpha_pattern ?? [:]).isEmpty, "an alpha for each module (alpha_pattern)"),
    ]
    if let (_, what) = unsupported.first(where: { $0.0 }) {
      throw LanguageError.unsupported(file: url.path, what: what)
    }
    let alpha = config.lora_alpha
    guard alpha.isFinite else {
      throw LanguageError.unreadable(file: url.path, reason: "lora_alpha is no finite number")
    }
    let isRankStabilised = config.use_rslora ?? false
    scale = { rank in alpha / (isRankStabilised ? Float(rank).squareRoot() : Float(rank)) }
  }

  private struct Config: Decodable {
    var peft_type: String
    var lora_alpha: Float
    var use_rslora: Bool?
    var use_dora: Bool?
    var fan_in_fan_out: Bool?
    var bias: String?
    var modules_to_save: [String]?
    var alpha_pattern: [String: Float]?
  }
}
