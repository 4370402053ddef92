public import Checkpoints

/// The published models that a checkpoint can be told by: each has tensors that no other has.
public enum ModelFamily: String, Sendable, CaseIterable {
  case collavo = "CoLLaVO"
  case nextChat = "NExT-Chat"
  case mask2Former = "Mask2Former"
  case sam = "SAM"
  case composer = "InternLM-XComposer2"
  case llava = "LLaVA"
  case clip = "CLIP"
  case internLM2 = "InternLM2"
  case llama = "Llama"

  /// What a checkpoint looks like; nil where it looks like none of these.
  public init?(_ checkpoint: Checkpoint) {
    let family = Self.allCases.first { family in
      checkpoint.names.contains { name in family.marks.contains { name.contains($0) } }
    }
    guard let family else { return nil }
    self = family
  }

  /// Parts of tensors' names, of which one is enough. What is built on another family stands before it.
  private var marks: [String] {
    switch self {
    case .collavo: ["Plora_seg_A", "seg_prompt_embed"]
    case .nextChat: ["loc_encoder.", "loc_decoder."]
    case .mask2Former: ["transformer_module.queries_features"]
    case .sam: ["mask_decoder.iou_token"]
    case .composer: ["Plora_A"]
    case .llava: ["mm_projector."]
    case .clip: ["embeddings.class_embedding"]
    case .internLM2: ["model.tok_embeddings."]
    case .llama: ["self_attn.q_proj.weight", "blk.0.attn_q.weight"]
    }
  }

  /// Makes sure that a checkpoint is not another family's. One that looks like none may yet fit, and its tensors
  /// will tell.
  /// - Throws: ``PipelineError/anotherModel(_:)``
  func require(_ checkpoint: Checkpoint, for stage: String, of pipeline: String) throws {
    guard let found = ModelFamily(checkpoint), found != self else { return }
    throw PipelineError.anotherModel(
      AnotherModel(pipeline: pipeline, stage: stage, path: checkpoint.path, expected: self, found: found))
  }
}

/// A folder that holds one model where another belongs.
public struct AnotherModel: Sendable, Equatable {
  public let pipeline: String
  public let stage: String
  public let path: String
  public let expected: ModelFamily
  public let found: ModelFamily
}
