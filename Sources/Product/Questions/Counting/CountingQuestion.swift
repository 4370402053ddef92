public import CrayonCore

/// A question for a number of things, understood without a model: what is to be counted.
///
///     CountingQuestion(parsing: "how many mugs?", table: .coco)       // the category "cup"
///     CountingQuestion(parsing: "Count the unicorns.", table: .coco)  // outside of the vocabulary
///     CountingQuestion(parsing: "Where is the cup?", table: .coco)    // nil
public struct CountingQuestion: Sendable, Equatable {
  public enum Subject: Sendable, Equatable {
    /// Usually one category; several where a word means either ("table"), or all are asked for ("cups and bowls",
    /// "things").
    case known([Category])
    /// A noun that the vocabulary has no category for, as it was written.
    case unknown(noun: String)
  }

  public let subject: Subject
  /// What narrows the question down: "red", "on the shelf". A map alone cannot answer it then. nil where all of a
  /// kind are asked for.
  public let restriction: String?

  /// - Parameter table: the vocabulary
  /// - Returns: nil when the question does not ask for a number, or does not say of what.
  public init?(parsing question: String, table: CategoryTable) {
    let words = Self.words(question)
    guard Self.comparisons.isDisjoint(with: words), let asked = CountedPhrase(in: words) else { return nil }
    let nouns = CountedNouns(table)
    var categories: [Category] = []
    var restrictions: [String] = []
    for part in asked.parts {
      guard let found = nouns.find(part) else {
        self.subject = .unknown(noun: part.joined(separator: " "))
        self.restriction = nil
        return
      }
      categories += found.categories.filter { !categories.contains($0) }
      restrictions += found.restriction
    }
    subject = .known(categories)
    let restricting = restrictions + asked.restriction
    restriction = restricting.isEmpty ? nil : restricting.joined(separator: " ")
  }

  /// The segments that are to be counted.
  /// - Returns: nil where a map cannot tell: for nouns outside of the vocabulary, questions that are narrowed
  ///   down, and what is one segment however many it shows: crowds, and stuff that is there.
  public func segments(in map: PanopticMap) -> [Segment]? {
    guard case .known(let categories) = subject, restriction == nil else { return nil }
    let names = Set(categories.map(\.name))
    let segments = map.segments.filter { names.contains($0.category.name) }
    return segments.contains { $0.isCrowd || !$0.category.isThing } ? nil : segments
  }

  /// In lower case, without marks; names such as "floor-wood" come apart.
  static func words(_ text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "’") }.map(String.init)
  }

  /// Words of questions that compare numbers.
  private static let comparisons: Set<String> = ["more", "fewer", "less", "than", "compare", "as", "most"]
}
