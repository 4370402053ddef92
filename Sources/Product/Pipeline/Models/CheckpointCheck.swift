public import Checkpoints
public import Foundation
import Grounding
import Language
import Panoptic
import Vision

/// Whether the program would load a published model: every tensor by its name, shape and type, with the stages' own code,
/// of files whose values need not be there (`CheckpointSketch`).
public struct CheckpointCheck: Sendable {
  /// What the checkpoint looks like; nil where it looks like nothing that is known.
  public let family: ModelFamily?
  public let findings: [WeightAudit.Finding]
  /// What is wrong besides: sentences about configurations, tokenizers and files.
  public let faults: [String]

  public var loads: Bool { family != nil && faults.isEmpty && findings.allSatisfy(\.isGood) }

  /// - Parameters:
  ///   - folder: with the model's files; its parent is a models folder, where a pipeline's smaller files may lie
  ///   - pipeline: whose stages the model is made for; nil for the project's own pipeline of its family
  public init(folder: URL, for pipeline: String? = nil) {
    let models = folder.deletingLastPathComponent()
    let audit = WeightAudit()
    var faults: [String] = []
    /// Files are called as on the hub.
    func fault(_ error: any Error) {
      let sentence = "\(error)".replacingOccurrences(of: models.path + "/", with: "")
      if !faults.contains(sentence) { faults.append(sentence) }
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
    findings = audit.findings(of: checkpoint)
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
        of: answering, named: configuration.name, PublishedCheckpoint(folder: folder, weights))
    case .composer, .llava: throw CheckpointCheckError.notRun(family: family?.rawValue ?? "")
    case nil: throw CheckpointCheckError.unknown(first: Array(weights.checkpoint.names.prefix(3)))
    }
  }

  /// The stages that share one checkpoint.
  private static func parts(
    of answering: AnsweringConfiguration, named name: String, _ checkpoint: PublishedCheckpoint
  ) -> [Part] {
    var language: LoadedLanguage?
    return [
      { language = try LoadedLanguage(answering.language, checkpoint: checkpoint, pipeline: name) },
      {
        guard let width = language?.model.decoder.width else { return }
        _ = try LoadedPrompting(answering.crayon, checkpoint: checkpoint, width: width, pipeline: name)
      },
      {
        guard let width = language?.model.decoder.width else { return }
        _ = try LoadedVision(
          answering.vision, checkpoint: checkpoint, width: width, grid: answering.crayon.grid, pipeline: name)
      },
      {
        guard let language, case .pix2emb(let heads) = answering.grounding, heads.weights == .checkpoint else {
          return
        }
        _ = try LoadedPix2Emb(
          heads, checkpoint: checkpoint, language: language.model, detector: { _ in nil }, pipeline: name)
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
