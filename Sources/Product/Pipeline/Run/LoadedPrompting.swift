import CrayonCore
import CrayonPrompting
import Tensors

/// Stage 3, loaded.
struct LoadedPrompting: Sendable {
  let configuration: CrayonConfiguration
  let embedder: CrayonEmbedder

  /// What the language model is shown of a map: the prompt, and its features where they are wanted.
  func run(_ map: PanopticMap, _ options: LookOptions) throws -> (CrayonPrompt, Tensor?) {
    let listing = options.crayon == .off ? .none : options.listing ?? configuration.listing
    let prompt = CrayonPrompter(
      grid: configuration.grid, listing: listing, membership: configuration.membership
    ).run(map)
    switch options.crayon {
    case .off: return (prompt, nil)
    case .semantic: return (prompt, try embedder.features(of: prompt, channels: .semantic))
    case .on: return (prompt, try embedder.features(of: prompt))
    }
  }
}
