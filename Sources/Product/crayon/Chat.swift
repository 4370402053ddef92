import ArgumentParser
import CrayonCore
import EditLineLibrary
import Foundation
import Inspection
import Pipeline
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct Chat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask several questions about one picture; it is seen once.",
    discussion: """
      Lines are edited as in a shell. Ctrl-C stops an answer, Ctrl-D ends the conversation. A line that begins with
      a slash is a command; /help lists them.

      Example:
        crayon chat Samples/cups.png
      """)

  @OptionGroup var picture: PictureOptions
  @OptionGroup var regions: RegionOptions
  @OptionGroup var controls: AnswerControls

  func run() throws {
    try ExitStatus.reporting {
      let interruption = Interruption(saying: "\n")
      let pipeline = try picture.load()
      let seen = try picture.look(with: pipeline) { interruption.isRequested }
      let options = controls.options(pipeline, regions: try regions.boxes(on: seen))
      var chat = ChatSession(
        conversation: Conversation(pipeline, on: seen, keepsReading: true), options: options,
        name: URL(fileURLWithPath: picture.image).lastPathComponent)
      chat.greet()
      let lines = LineReader(prompt: "> ")
      while !chat.isOver, let line = lines.next() {
        interruption.reset()
        do {
          try chat.take(line) { interruption.isRequested }
        } catch {
          // One question that cannot be asked does not end the conversation.
          Console.message("error: \(error)")
        }
        interruption.reset()
      }
    }
  }
}

extension Region {
  /// For a terminal: "[1] the cup at 40,60,200,180".
  var line: String {
    let edges = box.edges.map { String(Int($0.rounded())) }.joined(separator: ",")
    return "[\(number)] \(phrase.isEmpty ? "" : phrase + " ")at \(edges)\n"
  }
}

/// The conversation behind `crayon chat`.
struct ChatSession {
  private enum Command: String, CaseIterable {
    case regions, inspect, map, reset, help, quit

    var help: String {
      switch self {
      case .regions: "/regions         the boxes of the last answer"
      case .inspect: "/inspect [DIR]   write every stage of the last answer, and a page, into DIR (inspection)"
      case .map: "/map             the segments of the map, with their numbers"
      case .reset: "/reset           forget the questions so far; the picture stays"
      case .help: "/help            this list"
      case .quit: "/quit            end; so does Ctrl-D"
      }
    }
  }

  private(set) var isOver = false
  private var conversation: Conversation
  private let options: AskOptions
  private let name: String
  private var last: PictureAnswer?

  init(conversation: Conversation, options: AskOptions, name: String) {
    self.conversation = conversation
    self.options = options
    self.name = name
  }

  func greet() {
    let picture = conversation.picture
    Console.message(
      "\(name): \(picture.image.width)×\(picture.image.height) pixels, \(picture.map.segments.count) segments. "
        + "/help lists commands.")
  }

  /// Does what a line says.
  mutating func take(_ line: String, isCancelled: @escaping () -> Bool) throws {
    let line = line.trimmingCharacters(in: .whitespaces)
    guard !line.isEmpty else { return }
    guard line.hasPrefix("/") else {
      let answer = try conversation.ask(line, options: options, isCancelled: isCancelled) { Console.answer($0) }
      Console.answer("\n")
      for note in answer.notes { Console.message("note: \(note)") }
      last = answer
      return
    }
    let words = line.dropFirst().split(separator: " ", maxSplits: 1).map(String.init)
    guard let command = words.first.flatMap(Command.init) else {
      return Console.message("there is no command \(line); /help lists them")
    }
    switch command {
    case .help: Console.message(Command.allCases.map(\.help).joined(separator: "\n"))
    case .quit: isOver = true
    case .reset:
      conversation.reset()
      last = nil
    case .map:
      for object in conversation.picture.crayon.objects {
        Console.answer("\(object.id)\t\(object.category) \(object.number)\n")
      }
    case .regions: showRegions()
    case .inspect: try inspect(into: words.count > 1 ? words[1] : "inspection")
    }
  }

  private func showRegions() {
    guard let last else { return Console.message("nothing has been asked yet") }
    guard !last.regions.regions.isEmpty else { return Console.message("the last answer points at nothing") }
    for region in last.regions.regions { Console.answer(region.line) }
  }

  private func inspect(into folder: String) throws {
    let influence = try last.map { try conversation.crayonInfluence($0, options: options) } ?? []
    let inspection = Inspection(
      name: name, picture: conversation.picture, answer: last, influence: influence)
    try inspection.write(to: URL(fileURLWithPath: folder))
    Console.message("written: \(folder)/\(Inspection.pageName)")
  }
}

/// Lines from a person, with editing and history, or from a file as they are.
struct LineReader {
  let prompt: String
  private let isTerminal = isatty(STDIN_FILENO) == 1

  init(prompt: String) { self.prompt = prompt }

  /// nil at the end.
  func next() -> String? {
    guard isTerminal else { return readLine() }
    guard let line = readline(prompt) else { return nil }
    defer { free(line) }
    if line.pointee != 0 { add_history(line) }
    return String(cString: line)
  }
}
