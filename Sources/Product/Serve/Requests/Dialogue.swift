import Foundation
import Fusion

/// The messages of a request as questions and answers about one picture.
struct Dialogue: Sendable {
  var earlier: [FusionInput.Turn]
  var question: String
  /// The picture's bytes.
  var picture: Data
  /// Whether there were instructions, which the models here do not read.
  var hasInstructions: Bool

  /// - Throws: ``ServeError``
  init(_ request: ChatRequest) throws {
    var addresses: [String] = []
    var turns: [FusionInput.Turn] = []
    var asked: [String] = []
    hasInstructions = false
    for (index, message) in request.messages.enumerated() {
      let path = "messages[\(index)]"
      var texts: [String] = []
      for part in message.parts {
        switch part {
        case .text(let text): texts.append(text)
        case .picture(let address):
          guard message.role == .user else {
            throw ServeError.badValue(path: path, reason: "has a picture, which only a user's message can have")
          }
          if addresses.last != address { addresses.append(address) }
        }
      }
      let text = texts.joined(separator: "\n")
      switch message.role {
      case .system, .developer: hasInstructions = hasInstructions || !text.isEmpty
      case .user: asked.append(text)
      case .assistant:
        guard !asked.isEmpty else {
          throw ServeError.badValue(path: path, reason: "answers no question before it")
        }
        turns.append(.init(question: Self.joined(asked), answer: text.replacing(#/\[\d{1,4}\]/#, with: "")))
        asked = []
      }
    }
    guard !asked.isEmpty else {
      throw ServeError.badValue(path: "messages", reason: "have to end with a user's question")
    }
    (earlier, question) = (turns, Self.joined(asked))
    guard let first = addresses.first else { throw ServeError.noPicture }
    picture = try DataAddress.bytes(of: first)
    for address in addresses.dropFirst() where try DataAddress.bytes(of: address) != picture {
      throw ServeError.severalPictures
    }
  }

  private static func joined(_ texts: [String]) -> String {
    texts.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
