import ArgumentParser
import AtomicFiles
import Foundation
import Inspection
import Pipeline
import Terminal

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what every stage makes of a picture and a question, and a page that shows it.",
    discussion: """
      DIR holds each stage's result, numbered in the order of the way (1-image.png, 2-panoptic.png, …), and
      index.html, one page with all of them that needs nothing but a browser.

      Example:
        crayon inspect Samples/cups.png "how many cups" --out inspection
      """)

  @OptionGroup var picture: PictureOptions

  @Argument(help: "What you want to know; without it, the way ends before the language model.")
  var question: String?

  @Option(help: "Where the files go.", completion: .directory)
  var out = "inspection"

  @OptionGroup var regions: RegionOptions
  @OptionGroup var controls: AnswerControls

  func run() throws {
    try ExitStatus.reporting {
      try OutputFolder.require(URL(fileURLWithPath: out))
      let interruption = Interruption()
      var pipeline = try picture.load()
      let seen = try picture.look(with: pipeline) { interruption.isRequested }
      pipeline.forgetSegmenter()
      var conversation = Conversation(pipeline, on: seen)
      let options = controls.options(pipeline, regions: try regions.boxes(on: seen))
      let answer = try question.map {
        try conversation.ask($0, options: options, isCancelled: { interruption.isRequested })
      }
      let inspection = Inspection(
        name: URL(fileURLWithPath: picture.image).lastPathComponent, picture: seen, answer: answer,
        influence: try answer.map { try conversation.crayonInfluence($0, options: options) } ?? [])
      let folder = URL(fileURLWithPath: out)
      try inspection.write(to: folder)
      if let answer { print(answer.text) }
      Console.message("written: \(folder.appendingPathComponent(Inspection.pageName).relativePath)")
    }
  }
}
