import CrayonCore
import Foundation
import Imaging
import Panoptic
import Pipeline

/// Asks questions of many pictures, each by itself. A picture is seen once for all of its questions that follow each
/// other.
struct Evaluator {
  let options: EvaluationOptions
  let configuration: PipelineConfiguration
  let pipeline: Pipeline
  let maps: PanopticFolder?
  private var current: (image: URL, conversation: Conversation)?

  init(
    options: EvaluationOptions, configuration: PipelineConfiguration, pipeline: Pipeline, maps: PanopticFolder?
  ) {
    self.options = options
    self.configuration = configuration
    self.pipeline = pipeline
    self.maps = maps
  }

  /// - Parameter regions: that the question speaks of, in pixels
  /// - Throws: the stages' errors, and those of the maps
  mutating func ask(_ question: String, of image: URL, regions: [PictureBox]) throws -> PictureAnswer {
    var conversation: Conversation
    if let known = current, known.image == image {
      conversation = known.conversation
    } else {
      let name = image.deletingPathExtension().appendingPathExtension("png").lastPathComponent
      let look = LookOptions(
        crayon: options.crayon, listing: options.listing, map: try maps?.segmenter(named: name))
      conversation = Conversation(
        pipeline, on: try pipeline.look(at: ImageDecoder.Input(file: image), options: look))
    }
    // Nobody else may hold what the model has read while it reads on.
    current = nil
    conversation.reset()
    let answer = try conversation.ask(question, options: options.controls.options(pipeline, regions: regions))
    current = (image, conversation)
    return answer
  }
}
