import Checkpoints
import CrayonCore
import Language
import Tokenizers

/// Stage 6, loaded.
struct LoadedLanguage: Sendable {
  let configuration: LanguageConfiguration
  let pipeline: String
  let model: LanguageModel

  /// The two adapters of Dual QLoRA, and the one by which layers take in crayon features.
  private static let image = "image"
  private static let visualLanguage = "vl"
  static let crayon = "crayon"

  /// Adapters that a request switches; all others always work.
  /// - Throws: ``PipelineError/noSuchAdapter(pipeline:name:)`` for a gain that is not 1 of an adapter that is
  ///   not there
  func gains(_ options: AskOptions, showsCrayon: Bool) throws -> AdapterGains {
    var gains: [String: Float] = [:]
    for name in model.decoder.adapterNames { gains[name] = 1 }
    for (name, gain) in [(Self.image, options.imageGain), (Self.visualLanguage, options.visualLanguageGain)]
    where gain != 1 {
      guard gains[name] != nil else { throw PipelineError.noSuchAdapter(pipeline: pipeline, name: name) }
      gains[name] = gain
    }
    if !showsCrayon { gains[Self.crayon] = nil }
    return AdapterGains(gains)
  }
}
