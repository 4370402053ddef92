import Foundation

/// PEFT's `adapter_config.json`; names are the file's.
struct PEFTConfiguration {
  /// What a pair of some rank is multiplied by.
  let scale: @Sendable (_ rank: Int) -> Float

  /// - Throws: ``LanguageError`` for what changes the arithmetic and is not done here.
  init(_ url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw LanguageError.unreadable(file: url.path, reason: "there is no such file")
    }
    guard let config = try? JSONDecoder().decode(Config.self, from: data) else {
      throw LanguageError.unreadable(file: url.path, reason: "it is not an adapter's configuration")
    }
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
