import CrayonCore
import Foundation
import Imaging
import Panoptic
import Pipeline

/// Asks questions of many pictures, each by itself. A picture is seen once for all of its questions that follow each
/// other.
struct PictureAsker {
  let pipeline: Pipeline
  private var current: (image: URL, conversation: Conversation)?

  init(_ pipeline: Pipeline) { self.pipeline = pipeline }

  /// - Parameter look: how the picture is looked at, asked for when it is
  /// - Throws: the stages' errors
  mutating func ask(
    _ question: String, of image: URL, options: AskOptions, look: () throws -> LookOptions
  ) throws -> PictureAnswer {
    var conversation: Conversation
    if let known = current, known.image == image {
      conversation = known.conversation
    } else {
      let picture = try pipeline.look(at: ImageDecoder.Input(file: image), options: try look())
      conversation = Conversation(pipeline, on: picture)
    }
    // Nobody else may hold what the model has read while it reads on.
    current = nil
    conversation.reset()
    let answer = try conversation.ask(question, options: options)
    current = (image, conversation)
    return answer
  }
}
