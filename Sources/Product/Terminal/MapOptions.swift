public import Annotation
public import ArgumentParser
import Foundation
import Panoptic
public import Pipeline

/// Where maps come from: a pipeline's segmenter, or files.
public struct MapOptions: ParsableArguments {
  /// `--pipeline`
  @Option(help: "The pipeline whose segmenter makes the maps: a name, or a YAML file.")
  public var pipeline = PipelineLibrary.defaultName

  /// `--panoptic`; nil for the pipeline's segmenter.
  @Option(
    help: ArgumentHelp(
      "Maps that exist, in place of a model's: a PNG, or a folder in which they are named as the pictures.",
      valueName: "map"),
    completion: .file())
  public var panoptic: String?

  /// `--panoptic-json`; nil for a JSON beside each map.
  @Option(
    help: ArgumentHelp(
      "The COCO panoptic file that lists the maps' segments (default: a JSON beside each map).",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  public var panopticJson: String?

  /// `--size`, in pixels; nil for the pipeline's own.
  @Option(
    help: ArgumentHelp(
      "The side of the square in which this project's segmenter sees a picture, a multiple of 128: larger for "
        + "smaller things (default: the pipeline's).",
      valueName: "pixels"))
  public var size: Int?

  /// The defaults.
  public init() {}

  /// - Throws: `ValidationError` for options that do not go together, or a side that no segmenter has
  public mutating func validate() throws {
    if panopticJson != nil && panoptic == nil {
      throw ValidationError("--panoptic-json goes with --panoptic.")
    }
    try SegmenterSize.validate(size)
  }

  /// Loads the model, or opens the maps.
  /// - Throws: the errors of pipelines, models and maps
  public func source() throws -> MapSource {
    if let panoptic {
      return .given(
        try GivenMaps(
          URL(fileURLWithPath: panoptic), json: panopticJson.map { URL(fileURLWithPath: $0) }))
    }
    let configuration = try SegmenterSize.apply(size, to: PipelineLibrary.pipeline(pipeline))
    if let notice = configuration.notice { Console.message("note: \(notice)") }
    let segmenter = try Segmenter(configuration)
    return .model(try segmenter.network(), fingerprint: segmenter.fingerprint)
  }
}

/// What `--size` says of a pipeline's segmenter.
public enum SegmenterSize {
  /// - Throws: `ValidationError` where no segmenter has such a side
  public static func validate(_ side: Int?) throws {
    guard let side, !PanopticDetectorConfiguration.isSide(side) else { return }
    throw ValidationError("--size is a multiple of 128 from 128 to 2048.")
  }

  /// - Throws: `ExitStatus.wrongUsage`, with a sentence, where the segmenter is of another kind
  public static func apply(_ side: Int?, to pipeline: PipelineConfiguration) throws -> PipelineConfiguration {
    guard let side else { return pipeline }
    guard let sized = pipeline.segmenting(atSide: side) else {
      Console.message(
        "error: --size is for segmenters of the kind crayon-panoptic, not for that of \(pipeline.name)")
      throw ExitStatus.wrongUsage
    }
    return sized
  }
}
