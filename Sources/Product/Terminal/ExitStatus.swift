import Annotation
public import ArgumentParser
import Checkpoints
import Foundation
import Fusion
import Grounding
import Language
import Panoptic
import Pipeline
import Tensors
import Tokenizers
import Vision

/// An error that says itself how it ends a program: of a part that not every program has.
public protocol EndingProgram: Error {
  /// One of ``ExitStatus``.
  var exitStatus: ExitCode { get }
}

/// How errors end a program. Wrong usage is swift-argument-parser's own 64.
public enum ExitStatus {
  /// Some inputs failed, each named with the reason.
  public static let someFailed = ExitCode(1)
  /// A model's file is missing or bad.
  public static let badModel = ExitCode(3)
  /// swift-argument-parser's own.
  public static let wrongUsage = ExitCode(64)
  /// What a shell reports of a program that Ctrl-C ended.
  public static let interrupted = ExitCode(130)

  /// The status of any error that a command can meet.
  public static func status(of error: any Error) -> ExitCode {
    switch error {
    case let error as any EndingProgram: error.exitStatus
    case FusionError.missingToken: badModel
    case is FusionError: wrongUsage
    case is GroundingError: badModel
    case PictureError.noSuchSegment, PictureError.regionOutside, PictureError.noSegmentAt,
      PipelineError.cannotAnswer, PipelineError.notVariants, PipelineError.noSuchAdapter,
      PipelineError.cannotPoint:
      wrongUsage
    case PictureError.cancelled: interrupted
    case PipelineError.notFound, PipelineError.unreadable, PipelineError.notYAML,
      PipelineError.unknownKey, PipelineError.missingKey, PipelineError.badValue, PipelineError.unknownModel:
      wrongUsage
    case is PipelineError, is CheckpointError, is ConfigurationError, is Mask2FormerError, is SegmenterError,
      is TokenizerError:
      badModel
    case VisionError.notFinite: badModel
    case is VisionError: wrongUsage
    case let error as LanguageError: error.isAboutTheModel ? badModel : someFailed
    case AnnotationError.noSuchPath, AnnotationError.nothingFound, AnnotationError.outputIsInput,
      AnnotationError.notAnAnnotationFolder, AnnotationError.missingShards, AnnotationError.otherShards,
      AnnotationError.damagedShard:
      wrongUsage
    default: someFailed
    }
  }

  /// Runs a command; what it throws becomes a sentence on standard error and an exit status.
  /// - Throws: `ExitCode`
  public static func reporting(_ body: () throws -> Void) throws {
    do {
      try refuseOddSettings()
      try body()
      try Console.requireOutput()
    } catch {
      throw reported(error)
    }
  }

  /// The same for a command that waits.
  /// - Throws: `ExitCode`
  public static func reporting(_ body: () async throws -> Void) async throws {
    do {
      try refuseOddSettings()
      try await body()
      try Console.requireOutput()
    } catch {
      throw reported(error)
    }
  }

  /// Says what went wrong, unless that is said already.
  private static func reported(_ error: any Error) -> ExitCode {
    if let exit = error as? ExitCode { return exit }
    if case PictureError.cancelled = error { return interrupted }
    Console.message("error: \(error)")
    return status(of: error)
  }

  /// Variables of the environment that ask for what cannot be. A set of kernels that was asked for by name and is not in use
  /// would falsify every measurement.
  private static func refuseOddSettings() throws {
    let environment = ProcessInfo.processInfo.environment
    func refuse(_ variable: String, _ reason: String) -> ExitCode {
      Console.message("error: \(variable) is \"\(environment[variable] ?? "")\"\(reason)")
      return wrongUsage
    }
    if let wanted = environment["CRAYON_KERNELS"], !KernelSet.available.contains(wanted) {
      let available = KernelSet.available.joined(separator: ", ")
      throw refuse("CRAYON_KERNELS", "; this processor can run \(available)")
    }
    if let size = environment[StageCache.sizeVariable], !size.isEmpty, (Int(size) ?? -1) < 0 {
      throw refuse(StageCache.sizeVariable, ", and no whole number of megabytes")
    }
  }
}
