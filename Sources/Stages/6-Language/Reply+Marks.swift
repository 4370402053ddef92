public import CrayonCore

extension Reply {
  /// The text with `[1]`, `[2]`, … where the model points, in the order of ``triggers``; a question speaks of its
  /// regions in the same way.
  public var markedText: String { text(marking: Self.mark) }

  /// The text with something put in where the model points.
  /// - Parameter mark: what stands for a trigger, by its number from 1
  public func text(marking mark: (Int) -> String) -> String {
    var marked = ""
    var rest = Substring(text)
    for (index, trigger) in triggers.enumerated() {
      let piece = rest.prefix(max(0, trigger.textOffset - (text.count - rest.count)))
      marked += piece + mark(index + 1)
      rest = rest.dropFirst(piece.count)
    }
    return marked + rest
  }

  static func mark(_ number: Int) -> String { "[\(number)]" }
}
