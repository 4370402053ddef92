import ArgumentParser
import AtomicFiles
import CrayonCore
import Drawing
import Foundation
import Inspection
import Pipeline
import Terminal

struct Ask: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a question about a picture.",
    discussion: """
      The answer streams to standard output as it is made. What was seen of the picture is kept, so that a further
      question pays for its own words only.

      Examples:
        crayon ask Samples/cups.png "how many cups"
        crayon ask photo.jpg "what is in [1]?" --region 40,60,200,180
        crayon ask photo.jpg "where is the cup?" --overlay cup.png --masks cup
        crayon ask photo.jpg "how many cups" --panoptic corrected.png --drop-segment 7 --json
      """)

  @OptionGroup var picture: PictureOptions

  @Argument(help: "What you want to know.")
  var question: String

  @OptionGroup var regions: RegionOptions
  @OptionGroup var controls: AnswerControls

  @Option(
    help: ArgumentHelp("Draw what the answer points at over the picture.", valueName: "out.png"),
    completion: .file(extensions: ["png"]))
  var overlay: String?

  @Option(
    help: ArgumentHelp(
      "Write the masks of what the answer points at into a folder: 1.png for [1], and so on, of the picture's "
        + "size, white inside.", valueName: "dir"),
    completion: .directory)
  var masks: String?

  @Flag(help: "Print one JSON object: answer, regions, segments, evidence, times.")
  var json = false

  func validate() throws {
    if let overlay, URL(fileURLWithPath: overlay).pathExtension.lowercased() != "png" {
      throw ValidationError("--overlay writes a PNG: name a file that ends in .png.")
    }
    func resolved(_ path: String) -> URL { URL(fileURLWithPath: path).resolvingSymlinksInPath() }
    if let overlay, resolved(overlay) == resolved(picture.image) {
      throw ValidationError("--overlay \(overlay) is the picture itself: name another file.")
    }
  }

  func run() throws {
    try ExitStatus.reporting {
      // Before an answer is made for nothing.
      if let overlay { try OutputFolder.require(fileIn: URL(fileURLWithPath: overlay)) }
      if let masks { try OutputFolder.require(URL(fileURLWithPath: masks)) }
      let interruption = Interruption()
      let pipeline = try picture.load()
      if overlay != nil || masks != nil { try pipeline.requirePointing() }
      let seen = try picture.look(with: pipeline) { interruption.isRequested }
      pipeline.forgetSegmenter()
      var conversation = Conversation(pipeline, on: seen, keepsReading: true)
      let options = controls.options(pipeline, regions: try regions.boxes(on: seen))
      let answer = try conversation.ask(question, options: options, isCancelled: { interruption.isRequested }) {
        if !json { Console.answer($0) }
      }
      if answer.reply.end == .cancelled { throw ExitStatus.interrupted }
      for note in answer.notes { Console.message("note: \(note)") }
      if let overlay {
        try RegionOverlay(seen.image, answer.regions).write(to: URL(fileURLWithPath: overlay))
      }
      if let masks { try answer.regions.writeMasks(to: URL(fileURLWithPath: masks)) }
      if json {
        return try Console.json(
          AnswerReport(answer, on: seen, by: pipeline, options: options))
      }
      Console.answer("\n")
      for region in answer.regions.regions { Console.answer(region.line) }
      if answer.reply.end == .limit || answer.reply.end == .contextFull {
        Console.message("note: the answer was cut off after \(answer.reply.tokens.count) tokens (--max-tokens)")
      }
    }
  }
}

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
      let pipeline = try picture.load()
      let seen = try picture.look(with: pipeline) { interruption.isRequested }
      pipeline.forgetSegmenter()
      var conversation = Conversation(pipeline, on: seen, keepsReading: true)
      let options = controls.options(pipeline, regions: try regions.boxes(on: seen))
      let answer = try question.map {
        try conversation.ask($0, options: options, isCancelled: { interruption.isRequested })
      }
      if answer?.reply.end == .cancelled { throw ExitStatus.interrupted }
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
