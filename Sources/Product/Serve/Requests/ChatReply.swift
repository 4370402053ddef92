import CrayonCore
import Foundation
import Inspection

/// What the model made of a request, ready to be sent.
struct FinishedAnswer: Sendable {
  var report: AnswerReport
  var promptTokens: Int
  var reusedTokens: Int
  var chosenTokens: Int
  var notes: [String]
  var inspection: InspectionReport?
}

/// What is beside OpenAI's keys in an answer, under `crayon`.
struct CrayonReply: Encodable {
  var report: AnswerReport
  /// What should be known beside the answer, in sentences.
  var notes: [String]
  var inspection: InspectionReport?

  init(_ answer: FinishedAnswer) {
    (report, notes, inspection) = (answer.report, answer.notes, answer.inspection)
  }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: AnyKey.self)
    try container.encode(notes, forKey: AnyKey("notes"))
    try container.encodeIfPresent(inspection, forKey: AnyKey("inspection"))
  }
}

struct Usage: Encodable {
  struct Details: Encodable { var cached_tokens: Int }

  var prompt_tokens: Int
  var completion_tokens: Int
  var total_tokens: Int
  var prompt_tokens_details: Details

  init(_ answer: FinishedAnswer) {
    prompt_tokens = answer.promptTokens
    completion_tokens = answer.chosenTokens
    total_tokens = prompt_tokens + completion_tokens
    prompt_tokens_details = Details(cached_tokens: answer.reusedTokens)
  }
}

extension Reply {
  /// How many tokens the model chose, which is what a request's limit is of: not the slots behind triggers, in which it
  /// read a place.
  var chosenTokens: Int { tokens.count - triggers.count { tokens.indices.contains($0.position + 1) } }
}

extension Reply.End {
  /// Why an answer ends, as OpenAI's API says it.
  var finishReason: String { self == .stop ? "stop" : "length" }
}

/// A whole answer.
struct ChatCompletion: Encodable {
  struct Message: Encodable {
    var role = "assistant"
    var content: String
  }

  struct Choice: Encodable {
    var index = 0
    var message: Message
    var finish_reason: String
  }

  var id: String
  var object = "chat.completion"
  var created: Int
  var model: String
  var choices: [Choice]
  var usage: Usage
  var crayon: CrayonReply

  init(_ answer: FinishedAnswer, stamp: ReplyStamp) {
    (id, created, model) = (stamp.id, stamp.created, stamp.model)
    choices = [
      Choice(message: Message(content: answer.report.answer), finish_reason: answer.report.end.finishReason)
    ]
    usage = Usage(answer)
    crayon = CrayonReply(answer)
  }
}

/// What all parts of one answer share.
struct ReplyStamp: Sendable {
  let id = "chatcmpl-" + UUID().uuidString.replacing("-", with: "").lowercased()
  let created = Int(Date().timeIntervalSince1970)
  let model: String

  init(model: String) { self.model = model }
}

/// A piece of an answer in a stream.
struct ChatChunk: Encodable {
  struct Delta: Encodable {
    var role: String?
    var content: String?
  }

  struct Choice: Encodable {
    var index = 0
    var delta: Delta
    var finish_reason: String?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: AnyKey.self)
      try container.encode(index, forKey: AnyKey("index"))
      try container.encode(delta, forKey: AnyKey("delta"))
      // Null until the end, as OpenAI has it.
      try container.encode(finish_reason, forKey: AnyKey("finish_reason"))
    }
  }

  struct Progress: Encodable { var stage: String }

  enum Extra: Encodable {
    case progress(Progress)
    case reply(CrayonReply)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .progress(let progress): try progress.encode(to: encoder)
      case .reply(let reply): try reply.encode(to: encoder)
      }
    }
  }

  var id: String
  var object = "chat.completion.chunk"
  var created: Int
  var model: String
  var choices: [Choice]
  var usage: Usage?
  var crayon: Extra?

  init(_ stamp: ReplyStamp, choices: [Choice], usage: Usage? = nil, crayon: Extra? = nil) {
    (id, created, model) = (stamp.id, stamp.created, stamp.model)
    (self.choices, self.usage, self.crayon) = (choices, usage, crayon)
  }

  static func text(_ text: String, isFirst: Bool, _ stamp: ReplyStamp) -> ChatChunk {
    ChatChunk(stamp, choices: [Choice(delta: Delta(role: isFirst ? "assistant" : nil, content: text))])
  }

  static func stage(_ name: String, _ stamp: ReplyStamp) -> ChatChunk {
    ChatChunk(stamp, choices: [], crayon: .progress(Progress(stage: name)))
  }

  static func end(_ answer: FinishedAnswer, isFirst: Bool, _ stamp: ReplyStamp) -> ChatChunk {
    let choice = Choice(
      delta: Delta(role: isFirst ? "assistant" : nil), finish_reason: answer.report.end.finishReason)
    return ChatChunk(stamp, choices: [choice], crayon: .reply(CrayonReply(answer)))
  }

  static func usage(_ answer: FinishedAnswer, _ stamp: ReplyStamp) -> ChatChunk {
    ChatChunk(stamp, choices: [], usage: Usage(answer))
  }
}
