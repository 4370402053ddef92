import ArgumentParser
import CrayonCore
import CrayonPrompting
import Foundation
import Imaging
import Panoptic
import Pipeline
import Terminal

/// Which picture, which pipeline, and how the picture is looked at.
struct PictureOptions: ParsableArguments {
  @Argument(help: "A picture.", completion: .file())
  var image: String

  @Option(help: "A pipeline's name, or a YAML file.")
  var pipeline = PipelineLibrary.defaultName

  @Option(
    help: ArgumentHelp("A map that exists, in place of the segmenter's.", valueName: "map.png"),
    completion: .file(extensions: ["png"]))
  var panoptic: String?

  @Option(
    help: ArgumentHelp(
      "The COCO panoptic file that lists the map's segments (default: the JSON beside the map).",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var panopticJson: String?

  @Option(
    name: .customLong("drop-segment"),
    help: ArgumentHelp("Take a segment off the map, to see what the answer depends on.", valueName: "id"))
  var dropped: [Int32] = []

  @Option(help: "What of the map the language model is shown: on, semantic (no numbers), off.")
  var crayon = LookOptions.Crayon.on

  @Option(help: "What is said of the map in words: full, names, none (default: the pipeline's).")
  var listing: ListingStyle?

  @Flag(help: "Do every stage's work anew, and keep nothing.")
  var noCache = false

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

  /// Loads the pipeline.
  func load() throws -> Pipeline {
    let configuration = try SegmenterSize.apply(size, to: PipelineLibrary.pipeline(pipeline))
    if let notice = configuration.notice { Console.message("note: \(notice)") }
    let needsMap = configuration.answering?.crayon.showsMap(listing: listing) ?? true
    return try Pipeline(
      configuration, loadsSegmenter: panoptic == nil && needsMap, cache: noCache ? nil : .standard)
  }

  /// Sees the picture.
  func look(with pipeline: Pipeline, isCancelled: () -> Bool) throws -> SeenPicture {
    let map = try panoptic.map {
      try PrecomputedSegmenter(
        png: URL(fileURLWithPath: $0), json: panopticJson.map { URL(fileURLWithPath: $0) })
    }
    let seen = try pipeline.look(
      at: ImageDecoder.Input(file: URL(fileURLWithPath: image)),
      options: LookOptions(crayon: crayon, listing: listing, dropped: Set(dropped), map: map),
      isCancelled: isCancelled)
    if !seen.crayon.unmatched.isEmpty {
      Console.message(
        "note: the model has no word for \(seen.crayon.unmatched.joined(separator: ", ")); it sees them as unknown"
      )
    }
    return seen
  }
}
