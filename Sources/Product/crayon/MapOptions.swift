import Annotation
import ArgumentParser
import Foundation
import Pipeline

/// Where maps come from: a pipeline's segmenter, or files.
struct MapOptions: ParsableArguments {
  @Option(help: "The pipeline whose segmenter makes the maps: a name, or a YAML file.")
  var pipeline = PipelineLibrary.defaultName

  @Option(
    help: ArgumentHelp(
      "Maps that exist, in place of a model's: a PNG, or a folder in which they are named as the pictures.",
      valueName: "map"),
    completion: .file())
  var panoptic: String?

  @Option(
    help: ArgumentHelp(
      "The COCO panoptic file that lists the maps' segments (default: a JSON beside each map).",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var panopticJson: String?

  @Option(
    help: ArgumentHelp(
      "The side of the square in which this project's segmenter sees a picture, a multiple of 128: larger for "
        + "smaller things (default: the pipeline's).",
      valueName: "pixels"))
  var size: Int?

  mutating func validate() throws {
    if panopticJson != nil && panoptic == nil {
      throw ValidationError("--panoptic-json goes with --panoptic.")
    }
    try SegmenterSize.validate(size)
  }

  /// Loads the model, or opens the maps.
  func source() throws -> MapSource {
    if let panoptic {
      return .given(
        try GivenMaps(
          URL(fileURLWithPath: panoptic), json: panopticJson.map { URL(fileURLWithPath: $0) }))
    }
    let configuration = try SegmenterSize.apply(size, to: PipelineLibrary.pipeline(pipeline))
    if let notice = configuration.notice { Console.message("note: \(notice)") }
    let loaded = try LoadedSegmenter(configuration)
    return .model(loaded.segmenter, fingerprint: loaded.fingerprint)
  }
}
