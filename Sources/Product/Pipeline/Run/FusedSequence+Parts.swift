import CrayonCore

extension FusedSequence.Kind {
  /// What a person would call it, and how it is made shorter.
  var inWords: String {
    switch self {
    case .listing, .object: "the list of what the map shows (--listing names or none shortens it)"
    case .question: "the questions (ask a shorter one, or /reset in a chat)"
    case .image: "the picture"
    case .region: "the regions"
    case .template: "the words around them"
    }
  }
}
