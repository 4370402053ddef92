import ArgumentParser
import CrayonCore
import CrayonPrompting
import Foundation
import Imaging
import Panoptic
import Pipeline
import Terminal

/// Which picture, which pipeline, and how the picture is encoded.
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
      configuration, makesMaps: panoptic == nil && needsMap, cache: noCache ? nil : .standard)
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

/// Regions that a question speaks of.
struct RegionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A region of the picture in pixels; the question speaks of the first as [1], of the next as [2].",
      valueName: "x0,y0,x1,y1"))
  var region: [BoxArgument] = []

  @Option(
    help: ArgumentHelp(
      "A click: the segment there becomes a region, after those of --region.", valueName: "x,y"))
  var point: [PointArgument] = []

  /// All regions, in pixels of the picture.
  /// - Throws: `PictureError.noSegmentAt(x:y:)`
  func boxes(on picture: SeenPicture) throws -> [PictureBox] {
    region.map { $0.box } + (try point.map { try picture.segmentBox(x: $0.x, y: $0.y) })
  }
}

/// `x0,y0,x1,y1`
struct BoxArgument: ExpressibleByArgument {
  let box: PictureBox

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 4, let x0 = numbers[0], let y0 = numbers[1], let x1 = numbers[2],
      let y1 = numbers[3],
      [x0, y0, x1, y1].allSatisfy(\.isFinite), x0 < x1, y0 < y1
    else { return nil }
    box = PictureBox(x0: x0, y0: y0, x1: x1, y1: y1)
  }
}

/// `x,y`
struct PointArgument: ExpressibleByArgument {
  let x: Int
  let y: Int

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let x = numbers[0], let y = numbers[1] else { return nil }
    self.x = x
    self.y = y
  }
}
