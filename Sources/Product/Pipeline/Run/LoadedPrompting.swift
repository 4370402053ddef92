import Checkpoints
import CrayonCore
import CrayonPrompting
import Tensors

/// Stage 3, loaded.
struct LoadedPrompting: Sendable {
  let configuration: CrayonConfiguration
  /// nil where the model is told of the map in words alone.
  let embedder: CrayonEmbedder?

  /// - Parameter checkpoint: the language model's, where it is one that other stages share
  init(
    _ configuration: CrayonConfiguration, checkpoint: PublishedCheckpoint?, width: Int, pipeline: String
  ) throws {
    self.configuration = configuration
    let vocabulary = CategoryTable.coco.categories.count
    switch configuration.weights {
    case .file(let file):
      try Pipeline.require(file, of: "crayon", in: pipeline)
      let weights = WeightReader(try Checkpoint(file: file))
      embedder = try CrayonEmbedder(weights, names: .pocket, vocabulary: vocabulary, width: width)
      try weights.finish()
    case .checkpoint:
      guard let checkpoint else { throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "crayon") }
      embedder = try CrayonEmbedder(
        checkpoint.weights, names: .collavo, vocabulary: vocabulary, width: width)
    case .none: embedder = nil
    }
  }

  /// What the language model is shown of a map: the prompt, and its features where they are wanted.
  func run(_ map: PanopticMap, _ options: LookOptions) throws -> (CrayonPrompt, Tensor?) {
    let listing = options.crayon == .off ? .none : options.listing ?? configuration.listing
    let prompt = CrayonPrompter(
      grid: configuration.grid, listing: listing, membership: configuration.membership
    ).run(map)
    switch options.crayon {
    case .off: return (prompt, nil)
    case .semantic: return (prompt, try embedder?.features(of: prompt, channels: .semantic))
    case .on: return (prompt, try embedder?.features(of: prompt))
    }
  }
}
