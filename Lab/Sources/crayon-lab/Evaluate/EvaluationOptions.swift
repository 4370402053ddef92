import ArgumentParser
import CrayonPrompting
import Foundation
import Panoptic
import Pipeline
import Terminal

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
      pipeline: try Pipeline(configuration, loadsSegmenter: maps == nil, cache: nil), maps: maps)
  }
}
