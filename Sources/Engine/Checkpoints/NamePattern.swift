/// A tensor's name in which `{n}` stands for a number of one or more digits.
struct NamePattern {
  /// What stands between the numbers, in UTF-8.
  private let literals: [[UInt8]]

  init(_ pattern: String) {
    literals = pattern.split(separator: "{n}", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  func matches(_ name: String) -> Bool {
    var rest = Array(name.utf8)[...]
    for (index, literal) in literals.enumerated() {
      if index > 0 {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return false }
        rest = rest.dropFirst(digits.count)
      }
      guard rest.starts(with: literal) else { return false }
      rest = rest.dropFirst(literal.count)
    }
    return rest.isEmpty
  }
}
