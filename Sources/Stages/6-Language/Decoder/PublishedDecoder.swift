import Checkpoints
import Foundation

/// A decoder's `config.json` as it is published; names are the file's.
struct PublishedDecoder {
  enum Publisher {
    /// Models that are known by their type.
    case hub
    /// InternLM2 under the older model's type, with partial low-rank adapters.
    case collavo
    /// Llama under a type of its own.
    case nextChat

    /// Whose a checkpoint is, by its tensors.
    init(_ checkpoint: Checkpoint) {
      if checkpoint.names.contains(where: { $0.contains(".Plora_seg_A.") }) {
        self = .collavo
      } else {
        self = checkpoint.names.contains { $0.hasPrefix("loc_encoder.") } ? .nextChat : .hub
      }
    }
  }

  let publisher: Publisher
  let configuration: DecoderConfiguration
  let names: DecoderNames
  let isTied: Bool
  /// Rows of the embedding behind those of the vocabulary.
  let spareEmbeddings: Int

  /// - Parameter publisher: what the checkpoint's tensors say; what the file says of it only advises
  /// - Throws: ``LanguageError`` or `ConfigurationError`
  init(_ url: URL, by publisher: Publisher = .hub) throws {
    let config = try ConfigurationFile(url).decode(Config.self)
    self.publisher = publisher
    switch publisher {
    case .hub:
      spareEmbeddings = 0
      switch config.model_type {
      case "llama": names = .llama
      case "internlm2": names = .internLM2
      default:
        throw LanguageError.unsupported(file: url.path, what: "the model type \(config.model_type)")
      }
    case .collavo:
      names = .internLM2
      // Theirs makes room for the token that stands for the picture, which has no logit.
      spareEmbeddings = 1
    case .nextChat:
      names = .llama
      spareEmbeddings = 0
    }
    guard config.hidden_act ?? "silu" == "silu" else {
      throw LanguageError.unsupported(file: url.path, what: "the activation \(config.hidden_act ?? "")")
    }
    let heads = config.num_attention_heads
    guard heads > 0 else {
      throw LanguageError.badConfiguration(file: url.path, fault: "\(heads) heads")
    }
    isTied = config.tie_word_embeddings ?? false
    configuration = DecoderConfiguration(
      layers: config.num_hidden_layers, width: config.hidden_size, heads: heads,
      keyValueHeads: config.num_key_value_heads ?? heads,
      headWidth: config.head_dim ?? config.hidden_size / heads,
      feedForwardWidth: config.intermediate_size, vocabulary: config.vocab_size,
      contextLength: config.max_position_embeddings ?? 2048, epsilon: config.rms_norm_eps ?? 1e-6,
      rotary: RotaryEmbedding(
        base: config.rope_theta ?? config.rope_parameters?.rope_theta ?? 10000, pairs: .halves,
        scaling: try config.scaling(in: url.path)))
    if let fault = configuration.fault {
      throw LanguageError.badConfiguration(file: url.path, fault: fault)
    }
  }
}

private struct Config: Decodable {
  struct Scaling: Decodable {
    var type: String?
    var rope_type: String?
    var rope_theta: Double?
    var factor: Double?
    var low_freq_factor: Double?
    var high_freq_factor: Double?
    var original_max_position_embeddings: Int?
  }

  var model_type: String
  var hidden_act: String?
  var hidden_size: Int
  var intermediate_size: Int
  var num_hidden_layers: Int
  var num_attention_heads: Int
  var num_key_value_heads: Int?
  var head_dim: Int?
  var vocab_size: Int
  var max_position_embeddings: Int?
  var rms_norm_eps: Float?
  var rope_theta: Double?
  var rope_scaling: Scaling?
  /// Where newer files keep both the base and the scaling.
  var rope_parameters: Scaling?
  var tie_word_embeddings: Bool?

  func scaling(in file: String) throws -> RotaryEmbedding.Scaling {
    guard let scaling = rope_scaling ?? rope_parameters else { return .none }
    let kind = scaling.rope_type ?? scaling.type ?? "default"
    /// No kind that has one does without.
    func factor() throws -> Double {
      guard let factor = scaling.factor else {
        let key = rope_scaling == nil ? "rope_parameters" : "rope_scaling"
        throw ConfigurationError.missingKey(file: file, key: "\(key).factor")
      }
      return factor
    }
    switch kind {
    case "default": return .none
    case "linear": return .linear(factor: try factor())
    case "dynamic":
      // A factor of 1 still stretches contexts beyond the trained length.
      return .dynamic(factor: try factor(), length: max_position_embeddings ?? 2048)
    case "llama3":
      guard let low = scaling.low_freq_factor, let high = scaling.high_freq_factor, high > low,
        let length = scaling.original_max_position_embeddings
      else {
        throw LanguageError.badConfiguration(file: file, fault: "incomplete llama3 rotary scaling")
      }
      return .llama3(factor: try factor(), low: low, high: high, length: length)
    default:
      throw LanguageError.unsupported(file: file, what: "rotary scaling of the kind \(kind)")
    }
  }
}
