import Checkpoints
import Foundation
import Fusion

/// The body of `POST /v1/chat/completions`, as OpenAI's API has it.
struct ChatRequest: Decodable, Sendable {
  struct Message: Decodable, Sendable {
    enum Role: String, Sendable {
      case system, developer, user, assistant
    }

    enum Part: Sendable {
      case text(String)
      case picture(address: String)
    }

    var role: Role
    var parts: [Part]
  }

  var model: String
  var messages: [Message]
  var streams = false
  var includesUsage = false
  var stops: [String] = []
  var seed: Int64 = 0
  /// nil for an answer that is always the likeliest.
  var temperature: Float?
  var topP: Float?
  var mostTokens: Int?
  /// By whom, as the client has it.
  var user: String?
  var crayon = CrayonRequest()
  /// Keys that change nothing here.
  var unread: [String] = []

  /// - Throws: ``ServeError``
  init(decoding data: Data, _ limits: ServeLimits) throws {
    self = try RequestDecoding.decode(Self.self, from: data)
    guard messages.count <= limits.messages else {
      throw ServeError.tooMany(what: "messages", count: messages.count, limit: limits.messages)
    }
    try crayon.check(limits)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    model = try container.decode(String.self, forKey: AnyKey("model"))
    messages = try container.decode([Message].self, forKey: AnyKey("messages"))
    streams = try container.optional("stream") ?? false
    includesUsage = try container.optional("stream_options", StreamOptions.self)?.include_usage ?? false
    stops = try container.optional("stop", Stop.self)?.texts ?? []
    seed = try container.optional("seed") ?? 0
    temperature = try container.optional("temperature")
    topP = try container.optional("top_p")
    mostTokens = try container.optional("max_completion_tokens") ?? container.optional("max_tokens")
    user = try container.optional("safety_identifier") ?? container.optional("user")
    crayon = try container.optional("crayon") ?? CrayonRequest()
    try refuse(container)
    try check()
    unread = container.allKeys.map(\.stringValue).filter { !Self.read.contains($0) }.map {
      String($0.prefix(64))
    }.sorted()
  }

  private struct StreamOptions: Decodable {
    var include_usage: Bool?
  }

  /// One text, or several.
  private struct Stop: Decodable {
    var texts: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        texts = [text]
      } else {
        texts = try container.decode([String].self)
      }
    }
  }

  private static let read: Set<String> = [
    "model", "messages", "stream", "stream_options", "stop", "seed", "temperature", "top_p", "max_tokens",
    "max_completion_tokens", "user", "safety_identifier", "crayon", "n", "logprobs", "tools", "functions",
    "response_format", "frequency_penalty", "presence_penalty", "store", "metadata",
    "logit_bias",
  ]

  /// What would have to change the answer and cannot is refused, not passed over.
  private func refuse(_ container: KeyedDecodingContainer<AnyKey>) throws {
    struct Format: Decodable { var type: String }
    struct Anything: Decodable {}
    func refuse(_ key: String, _ reason: String) -> ServeError { .unsupported(key: key, reason: reason) }
    if let count: Int = try container.optional("n"), count != 1 {
      throw refuse("n", "one answer is made for a request")
    }
    if try container.optional("logprobs") == true {
      throw refuse("logprobs", "probabilities are not given out")
    }
    if let bias: [String: Double] = try container.optional("logit_bias"), !bias.isEmpty {
      throw refuse("logit_bias", "no token is preferred to another here")
    }
    for key in ["tools", "functions"] {
      if let tools: [Anything] = try container.optional(key), !tools.isEmpty {
        throw refuse(key, "the models here call no tools")
      }
    }
    if let format: Format = try container.optional("response_format"), format.type != "text" {
      throw refuse("response_format", "answers are text")
    }
    for key in ["frequency_penalty", "presence_penalty"] {
      if let penalty: Double = try container.optional(key), penalty != 0 {
        throw refuse(key, "it has to be 0; there are no penalties here")
      }
    }
  }

  private func check() throws {
    if let temperature, !(0...100).contains(temperature) {
      throw ServeError.badValue(path: "temperature", reason: "is from 0 to 100")
    }
    if let topP, !(topP > 0 && topP <= 1) {
      throw ServeError.badValue(path: "top_p", reason: "is above 0 and at most 1")
    }
    if let mostTokens, !(1...65536).contains(mostTokens) {
      throw ServeError.badValue(path: "max_completion_tokens", reason: "is from 1 to 65536")
    }
    guard stops.count <= 16, stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 256 }) else {
      throw ServeError.badValue(
        path: "stop", reason: "is up to 16 texts, none of them empty or longer than 256 bytes")
    }
    if crayon.beams > 1, temperature ?? 0 > 0 {
      throw ServeError.badValue(
        path: "crayon.beams", reason: "looks for the likeliest answer; temperature does not")
    }
  }
}

extension ChatRequest.Message {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let name = try container.decode(String.self, forKey: AnyKey("role"))
    guard let role = Role(rawValue: name) else {
      let path = JSONFault.path(container.codingPath + [AnyKey("role")])
      throw ServeError.badValue(path: path, reason: "is one of system, developer, user, assistant")
    }
    self.role = role
    let content = AnyKey("content")
    // Clients send back an assistant's message without content as they got it.
    if role == .assistant, try !container.contains(content) || container.decodeNil(forKey: content) {
      parts = []
    } else if let text = try? container.decode(String.self, forKey: content) {
      parts = [.text(text)]
    } else if container.contains(content), (try? container.nestedUnkeyedContainer(forKey: content)) == nil {
      throw ServeError.badValue(
        path: JSONFault.path(container.codingPath + [content]),
        reason: "has the wrong type; a string or a list belongs there")
    } else {
      parts = try container.decode([Part].self, forKey: content)
    }
  }
}

extension ChatRequest.Message.Part: Decodable {
  init(from decoder: any Decoder) throws {
    struct Address: Decodable { var url: String }
    let container = try decoder.container(keyedBy: AnyKey.self)
    let kind = try container.decode(String.self, forKey: AnyKey("type"))
    let key = AnyKey("image_url")
    switch kind {
    case "text": self = .text(try container.decode(String.self, forKey: AnyKey("text")))
    case "image_url":
      self = .picture(
        address: try (try? container.decode(String.self, forKey: key))
          ?? container.decode(Address.self, forKey: key).url)
    default:
      let path = JSONFault.path(container.codingPath + [AnyKey("type")])
      throw ServeError.badValue(path: path, reason: "is text or image_url")
    }
  }
}

/// The messages of a request as questions and answers about one picture.
struct Dialogue: Sendable {
  var earlier: [FusionInput.Turn]
  var question: String
  /// Of the picture; several have to be of the same.
  var addresses: [String] = []
  /// Whether there were instructions, which the models here do not read.
  var hasInstructions: Bool

  /// - Throws: ``ServeError``
  init(_ request: ChatRequest) throws {
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
  }

  private static func joined(_ texts: [String]) -> String {
    texts.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
