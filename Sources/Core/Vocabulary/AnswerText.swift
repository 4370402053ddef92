import Foundation

/// What an answer in words says.
public enum AnswerText {
  /// For comparing answers word by word: in lower case, without marks and articles, numbers in digits. What VQA's
  /// own evaluation does (Antol et al., 2015, section 3), but for its list of contractions.
  public static func normalized(_ text: String) -> String {
    words(text).filter { !articles.contains($0) }.map { word in numbers[word].map(String.init) ?? word }
      .joined(separator: " ")
  }

  /// The first number; "no", "none" and "not any" are 0. nil where there is none.
  public static func number(in text: String) -> Int? {
    for word in words(text) {
      if let number = Int(word) ?? numbers[word] { return number }
      if nothing.contains(word) { return 0 }
    }
    return nil
  }

  /// Yes or no: by the word it starts with, else by the only one that it holds. nil where it says neither, or both.
  public static func yesOrNo(in text: String) -> Bool? {
    let words = words(text)
    if let first = words.first {
      if affirmations.contains(first) || ["true", "correct"].contains(first) { return true }
      if denials.contains(first) || ["false", "wrong"].contains(first) { return false }
    }
    let isYes = words.contains(where: affirmations.contains)
    let isNo = words.contains { denials.contains($0) || $0.hasSuffix("n't") }
    return isYes == isNo ? nil : isYes
  }

  /// The words in lower case; marks between them are dropped, those within ("don't", "t-shirt") stay.
  public static func words(_ text: String) -> [String] {
    text.lowercased().replacingOccurrences(of: "’", with: "'").split(whereSeparator: \.isWhitespace)
      .map { word in String(word).trimmingCharacters(in: marks) }
      .filter { !$0.isEmpty }
  }

  /// Marks around words; "<at>", which stands for a place, is a word.
  private static let marks = CharacterSet(charactersIn: ".,;:!?\"'`()[]{}*_…–—-")

  private static let articles: Set<String> = ["a", "an", "the"]
  private static let nothing: Set<String> = ["no", "none", "nothing", "nobody"]
  private static let affirmations: Set<String> = ["yes", "yeah", "yep"]
  private static let denials: Set<String> = ["no", "not", "nope", "none", "never"]

  private static let numbers = Dictionary(
    uniqueKeysWithValues: [
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
      "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ].enumerated().map { ($1, $0) })
}
