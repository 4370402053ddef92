public import Checkpoints
public import Foundation
import Fusion
import Grounding
import Language
import Panoptic
import Tokenizers
import Vision

/// Whether the program would load a published model: every tensor by its name, shape and type, with the stages' own code,
/// of files whose values need not be there (`CheckpointSketch`).
public struct CheckpointCheck: Sendable {
  /// The family that the checkpoint's tensors are named for; nil where it is none that is known.
  public let family: ModelFamily?
  /// Of every tensor.
  public let findings: [WeightAudit.Finding]
  /// What is wrong besides: sentences about configurations, tokenizers and files.
  public let faults: [String]

  /// Whether the model would load.
  public var loads: Bool { family != nil && faults.isEmpty && findings.allSatisfy(\.isGood) }

  /// - Parameters:
  ///   - folder: with the model's files; its parent is a models folder, where a pipeline's smaller files may lie
  ///   - pipeline: whose stages the model is made for; nil for the project's own pipeline of its family
  public init(folder: URL, for pipeline: String? = nil) {
    let models = folder.deletingLastPathComponent()
    let audit = WeightAudit()
    var faults: [String] = []
    /// Whether every part of the model has asked for all its tensors.
    var isWhole = true
    /// Files are called as on the hub.
    func fault(_ error: any Error) {
      let sentence = "\(error)".replacingOccurrences(of: models.path + "/", with: "")
      if !faults.contains(sentence) { faults.append(sentence) }
      isWhole = false
    }
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(folder: folder)
    } catch {
      fault(error)
      (family, findings, self.faults) = (nil, [], faults)
      return
    }
    let found = ModelFamily(checkpoint)
    do {
      try ModelsFolder.$elsewhere.withValue(models) {
        for part in try Self.parts(
          of: folder, as: found, pipeline: pipeline, WeightReader(checkpoint, for: audit))
        {
          do { try part() } catch { fault(error) }
        }
      }
    } catch {
      fault(error)
    }
    family = found
    findings = audit.findings(of: checkpoint, isWhole: isWhole)
    self.faults = faults
  }

  private typealias Part = () throws -> Void

  /// What is loaded of a model, part by part.
  private static func parts(
    of folder: URL, as family: ModelFamily?, pipeline: String?, _ weights: WeightReader
  ) throws -> [Part] {
    switch family {
    case .mask2Former: return [{ _ = try Mask2Former(folder: folder, weights: weights) }]
    case .sam: return [{ _ = try SAM(folder: folder, weights: weights) }]
    case .clip: return [{ _ = try CLIPVisionTower(folder: folder, weights: weights) }]
    case .llama, .internLM2: return [{ _ = try Decoder(folder: folder, weights: weights) }]
    case .collavo, .nextChat:
      guard let configuration = try configuration(pipeline, of: family), let answering = configuration.answering
      else { throw CheckpointCheckError.noPipeline(family: family?.rawValue ?? "") }
      return parts(
        of: answering, named: configuration.name,
        PublishedCheckpoint(folder: folder, weights, pipeline: configuration.name))
    case .composer, .llava: throw CheckpointCheckError.notRun(family: family?.rawValue ?? "")
    case nil: throw CheckpointCheckError.unknown(first: Array(weights.checkpoint.names.prefix(3)))
    }
  }

  /// The stages that share one checkpoint.
  private static func parts(
    of answering: AnsweringConfiguration, named name: String, _ checkpoint: PublishedCheckpoint
  ) -> [Part] {
    let builder = StageBuilder(pipeline: name, checkpoint: checkpoint)
    var language: LanguageModel?
    return [
      { language = try builder.language(answering.language) },
      {
        guard let language else { return }
        _ = try builder.fuser(answering.fusion, language: language)
      },
      {
        guard let width = language?.decoder.width else { return }
        _ = try builder.crayon(answering.crayon, width: width)
      },
      {
        guard let width = language?.decoder.width else { return }
        _ = try builder.vision(answering.vision, width: width, grid: answering.crayon.grid)
      },
      {
        guard let language, case .pix2emb(let heads) = answering.grounding, heads.weights == .checkpoint else {
          return
        }
        _ = try builder.grounding(.pix2emb(heads), language: language) { _ in nil }
      },
    ]
  }

  /// A pipeline whose language model is of a family: the one that is named, else the first that there is.
  private static func configuration(
    _ name: String?, of family: ModelFamily?
  ) throws -> PipelineConfiguration? {
    if let name {
      let configuration = try PipelineLibrary.pipeline(name)
      if configuration.answering?.language.checkpoint?.family == family { return configuration }
    }
    return PipelineLibrary.files().lazy.compactMap { try? PipelineConfiguration(reading: $0) }
      .first { $0.answering?.language.checkpoint?.family == family }
  }
}

/// Why nothing can be said of a checkpoint's tensors.
public enum CheckpointCheckError: Error, Equatable, CustomStringConvertible {
  case unknown(first: [String])
  case notRun(family: String)
  case noPipeline(family: String)

  public var description: String {
    switch self {
    case .unknown(let first):
      "the tensors (\(first.joined(separator: ", ")), …) are of no model that crayon knows"
    case .notRun(let family): "it looks like \(family), which crayon does not run"
    case .noPipeline(let family): "no pipeline for \(family) is found (crayon pipelines list)"
    }
  }
}

/// The published models that a checkpoint can be recognised by: each has tensors that no other has.
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

  /// The family of a checkpoint's tensors; nil where it is none of these.
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

  /// Makes sure that a checkpoint is not another family's. One of no known family may yet fit, and its tensors
  /// decide.
  /// - Throws: ``PipelineError/anotherModel(_:)``
  func require(_ checkpoint: Checkpoint, for stage: String, of pipeline: String) throws {
    guard let found = ModelFamily(checkpoint), found != self else { return }
    throw PipelineError.anotherModel(
      AnotherModel(pipeline: pipeline, stage: stage, path: checkpoint.path, expected: self, found: found))
  }
}

/// A folder that holds one model where another belongs.
public struct AnotherModel: Sendable, Equatable {
  /// By its name.
  public let pipeline: String
  /// That asks for the model.
  public let stage: String
  /// Of the checkpoint.
  public let path: String
  /// What the stage can use.
  public let expected: ModelFamily
  /// What the checkpoint holds.
  public let found: ModelFamily
}
