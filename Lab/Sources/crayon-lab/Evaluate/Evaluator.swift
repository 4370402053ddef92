import Annotation
import ArgumentParser
import CrayonCore
import CrayonPrompting
import Foundation
import Imaging
import Panoptic
import Pipeline
import Terminal

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure results against the truth.",
    subcommands: [
      EvaluatePanoptic.self, EvaluateVQA.self, EvaluatePOPE.self, EvaluateCount.self, EvaluateREC.self,
      EvaluateRES.self, EvaluateRegionCaption.self, EvaluateC2B.self, EvaluateB2C.self,
    ])
}

/// What answers, how it is shown the pictures, and how the figures are printed.
struct EvaluationOptions: ParsableArguments {
  @Option(help: "A pipeline's name, or a YAML file.")
  var pipeline = PipelineLibrary.defaultName

  @Option(
    help: ArgumentHelp(
      """
      Maps in place of the segmenter's: a folder, and beside it the COCO panoptic file of its name, whose image_id \
      joins them with the pictures; or they are named as the pictures.
      """, valueName: "folder"),
    completion: .directory)
  var panopticDir: String?

  @Option(help: "What of the map the language model is shown: on, semantic (no numbers), off.")
  var crayon = LookOptions.Crayon.on

  @Option(help: "What is said of the map in words: full, names, none (default: the pipeline's).")
  var listing: ListingStyle?

  @OptionGroup var controls: AnswerControls

  @Option(
    help: ArgumentHelp(
      "Write every question with its answer into this file, as JSON lines, as it is given. With a file of the same "
        + "pipeline and settings, only what it lacks is asked.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var answers: String?

  @Flag(help: "Print everything as a JSON object.")
  var json = false

  /// Before many questions are asked for nothing.
  func validate() throws {
    guard let answers else { return }
    let folder = URL(fileURLWithPath: answers).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw ValidationError("--answers: \(folder) is no folder that can be written to.")
    }
  }

  /// Loads the pipeline, and opens the maps.
  func evaluator() throws -> Evaluator {
    let configuration = try PipelineLibrary.pipeline(pipeline)
    let maps = try panopticDir.map { try PanopticFolder(URL(fileURLWithPath: $0)) }
    return Evaluator(
      options: self, configuration: configuration,
      pipeline: try Pipeline(configuration, makesMaps: maps == nil, cache: nil), maps: maps)
  }
}

/// A question of an evaluation.
struct AskedQuestion {
  var image: URL
  var text: String
  /// That the question speaks of, in pixels.
  var regions: [PictureBox]
  /// Where the answer's boxes come from; nil for the way that the run was given, or the pipeline's.
  var boxes: GroundingConfiguration.Boxes?
  /// Why the truth cannot be that of a picture of this width and height; nil where it can.
  var truthFault: (_ width: Int, _ height: Int) -> String?
}

/// Asks questions of many pictures, each by itself. A picture is seen once for all of its questions that follow each
/// other.
struct Evaluator {
  let options: EvaluationOptions
  let configuration: PipelineConfiguration
  let pipeline: Pipeline
  let maps: PanopticFolder?
  private var current: (image: URL, conversation: Conversation)?
  private var sharing = MapSharing()

  init(
    options: EvaluationOptions, configuration: PipelineConfiguration, pipeline: Pipeline, maps: PanopticFolder?
  ) {
    self.options = options
    self.configuration = configuration
    self.pipeline = pipeline
    self.maps = maps
  }

  /// Call with all pictures before the first question: no map is taken for two of them.
  mutating func prepare(for pictures: Set<URL>) {
    guard let maps else { return }
    sharing = MapSharing(
      pictures.map(\.path).sorted().compactMap { picture in
        (try? maps.map(ofPicture: picture).png.path).map { (map: $0, picture: picture) }
      })
  }

  /// Sees a picture, if it is not the one that was seen last.
  /// - Throws: the stages' errors, and those of the maps
  mutating func look(at image: URL, isCancelled: () -> Bool) throws -> SeenPicture {
    if let current, current.image == image { return current.conversation.picture }
    current = nil
    let look = LookOptions(crayon: options.crayon, listing: options.listing, map: try map(of: image))
    let seen = try pipeline.look(at: ImageDecoder.Input(file: image), options: look, isCancelled: isCancelled)
    current = (image, Conversation(pipeline, on: seen))
    return seen
  }

  /// Asks about the picture that was seen last.
  /// - Throws: the stages' errors
  mutating func ask(_ question: AskedQuestion, isCancelled: @escaping () -> Bool) throws -> PictureAnswer {
    _ = try look(at: question.image, isCancelled: isCancelled)
    guard var held = current else { throw PictureError.cancelled }
    // Nobody else may hold what the model has read while it reads on.
    current = nil
    held.conversation.reset()
    defer { current = held }
    var asked = options.controls.options(pipeline, regions: question.regions)
    if let boxes = question.boxes { asked.boxes = boxes }
    return try held.conversation.ask(question.text, options: asked, isCancelled: isCancelled)
  }

  private func map(of image: URL) throws -> PrecomputedSegmenter? {
    guard let maps else { return nil }
    let map = try maps.map(ofPicture: image.path)
    try sharing.requireOnePicture(of: map.png.path)
    return try maps.segmenter(map)
  }
}
