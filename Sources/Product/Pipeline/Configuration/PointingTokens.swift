/// The tokens by which a language model points: it says the trigger, and reads the place that is meant in the slot behind
/// it.
public struct PointingTokens: Sendable, Equatable, CustomStringConvertible {
  public let trigger: String
  public let slot: String

  /// Those that pocket's adapters were trained with (`Training/pocket/base.py`). They are the weights' and no setting: a
  /// pipeline's file can only repeat them.
  static let pocket = PointingTokens(trigger: "<filename>", slot: "<empty_output>")

  public var description: String { "\(trigger) and \(slot)" }
}

/// A language model that points, in a pipeline whose heads do not answer it.
public struct UnansweredTrigger: Sendable, Equatable {
  public let pipeline: String
  public let file: String
  /// What the language model was trained with.
  public let trained: PointingTokens
  /// What the pipeline's heads answer; nil where it has none.
  public let answered: PointingTokens?
}

extension AnsweringConfiguration {
  /// What its language model points with; nil where it does not point. SmolLM2 alone never learned to: the adapters say
  /// the trigger, in the prompt that they were trained on.
  private var pointing: PointingTokens? {
    guard case .gguf(_, adapters: .some, _) = language.weights, fusion.template == .pocket else { return nil }
    return .pocket
  }

  private var answered: PointingTokens? {
    guard case .pix2emb(let heads) = grounding else { return nil }
    return PointingTokens(trigger: heads.trigger, slot: heads.slot)
  }

  /// Makes sure that heads answer a language model that points: without a place behind its trigger it would go on from
  /// what it never saw in training.
  /// - Throws: ``PipelineError/unansweredTrigger(_:)``
  func requireAnsweredTriggers(of pipeline: PipelineConfiguration) throws {
    guard let pointing, pointing != answered else { return }
    throw PipelineError.unansweredTrigger(
      UnansweredTrigger(
        pipeline: pipeline.name, file: pipeline.file.path, trained: pointing, answered: answered))
  }
}
