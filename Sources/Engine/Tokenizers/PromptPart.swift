/// A piece of what a model reads.
public enum PromptPart: Sendable, Equatable {
  /// Plain text, whoever wrote it: no part of it is read as a special token.
  case text(String)
  /// A token by its number.
  case token(Int)
}

extension [PromptPart] {
  /// Neighbouring texts joined, because a tokenizer may join characters over their border; empty ones left out.
  var joined: [PromptPart] {
    var result: [PromptPart] = []
    for part in self {
      guard case .text(let text) = part else {
        result.append(part)
        continue
      }
      if text.isEmpty { continue }
      if case .text(let before)? = result.last {
        result[result.count - 1] = .text(before + text)
      } else {
        result.append(part)
      }
    }
    return result
  }
}
