/// A piece of what a model reads.
public enum PromptPart: Sendable, Equatable {
  /// Plain text, whoever wrote it: no part of it is read as a special token.
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
