/// One message of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// Who says it.
  public enum Role: String, Sendable {
    /// Instructions for the model.
    case system
    /// The one who asks.
    case user
    /// The model.
    case assistant
  }

  /// Who says it.
  public var role: Role
  /// The message; never parsed for special tokens.
  public var content: String

  /// A message as it is.
  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}

/// A piece of what a model reads.
public enum PromptPart: Sendable, Equatable {
  /// Plain text of any origin: no part of it is read as a special token.
  case text(String)
  /// A token by its number.
  case token(Int)
}

extension [PromptPart] {
  /// Neighbouring texts joined, because a tokenizer may join characters over their border; empty ones left
  /// out.
  var joined: [PromptPart] {
    var result: [PromptPart] = []
    var pending = ""
    for part in self {
      switch part {
      case .text(let text): pending += text
      case .token:
        if !pending.isEmpty { result.append(.text(pending)) }
        pending = ""
        result.append(part)
      }
    }
    if !pending.isEmpty { result.append(.text(pending)) }
    return result
  }
}

/// How a model was trained to read a conversation.
///
/// The words between messages are the templates' of the models named; the messages themselves are text and
/// cannot give special tokens. Where roles are plain words, as Vicuna's are, a message can still write them.
public enum ChatTemplate: String, Sendable, CaseIterable {
  /// `HuggingFaceTB/SmolLM2-*-Instruct`
  case smolLM2
  /// `internlm/internlm2-chat-*`
  case internLM2
  /// `lmsys/vicuna-*-v1.5`
  case vicuna

  /// The tokens that end an answer.
  /// - Throws: ``TokenizerError/missingSpecial(token:)`` when the vocabulary is another model's.
  public func stopTokens(_ tokenizer: some Tokenizer) throws -> [Int] {
    switch self {
    case .smolLM2: [try special("<|im_end|>", tokenizer)]
    case .internLM2: [try special("<|im_end|>", tokenizer), try special("</s>", tokenizer)]
    case .vicuna: [try special("</s>", tokenizer)]
    }
  }

  /// The tokens of a conversation, up to where the answer of the model begins.
  /// - Throws: ``TokenizerError`` when there is no message, a role is out of turn, or the vocabulary is
  ///   another model's.
  public func tokens(_ messages: [ChatMessage], _ tokenizer: some Tokenizer) throws -> [Int] {
    tokenizer.encode(try parts(messages, tokenizer))
  }

  private func parts(_ messages: [ChatMessage], _ tokenizer: some Tokenizer) throws -> [PromptPart] {
    guard !messages.isEmpty else { throw TokenizerError.emptyConversation }
    switch self {
    case .smolLM2:
      let system =
        messages.first?.role == .system
        ? []
        : [
          ChatMessage(.system, "You are a helpful AI assistant named SmolLM, trained by Hugging Face")
        ]
      return try marked(system + messages, tokenizer)
    case .internLM2:
      return [.token(try special("<s>", tokenizer))] + (try marked(messages, tokenizer))
    case .vicuna:
      return try vicunaParts(messages, tokenizer)
    }
  }

  /// `<|im_start|>role`, a line break, the message, `<|im_end|>`, a line break.
  private func marked(_ messages: [ChatMessage], _ tokenizer: some Tokenizer) throws -> [PromptPart] {
    let start = PromptPart.token(try special("<|im_start|>", tokenizer))
    let end = PromptPart.token(try special("<|im_end|>", tokenizer))
    return messages.flatMap {
      [start, .text($0.role.rawValue + "\n"), .text($0.content), end, .text("\n")]
    } + [start, .text("assistant\n")]
  }

  private func vicunaParts(
    _ messages: [ChatMessage], _ tokenizer: some Tokenizer
  ) throws -> [PromptPart] {
    let end = PromptPart.token(try special("</s>", tokenizer))
    var system = """
      A chat between a curious user and an artificial intelligence assistant. The assistant gives \
      helpful, detailed, and polite answers to the user's questions.
      """
    var rest = messages[...]
    if let first = rest.first, first.role == .system {
      system = first.content
      rest = rest.dropFirst()
    }
    var parts: [PromptPart] = [.token(try special("<s>", tokenizer)), .text(system + " ")]
    var expected = ChatMessage.Role.user
    for (index, message) in zip(rest.indices, rest) {
      guard message.role == expected else {
        throw TokenizerError.outOfTurn(message: index, role: message.role.rawValue)
      }
      if message.role == .user {
        parts.append(.text("USER: " + message.content + " "))
        expected = .assistant
      } else {
        parts += [.text("ASSISTANT: " + message.content), end]
        expected = .user
      }
    }
    guard expected == .assistant else {
      throw TokenizerError.outOfTurn(message: messages.count, role: ChatMessage.Role.assistant.rawValue)
    }
    return parts + [.text("ASSISTANT:")]
  }

  private func special(_ name: String, _ tokenizer: some Tokenizer) throws -> Int {
    guard let token = tokenizer.id(of: name), tokenizer.isSpecial(token) else {
      throw TokenizerError.missingSpecial(token: name)
    }
    return token
  }
}
