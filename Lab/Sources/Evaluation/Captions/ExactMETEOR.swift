import Vocabulary

/// METEOR as it was first published (Banerjee and Lavie, 2005), with the first of its modules alone: words match that
/// are the same, not their stems, synonyms or paraphrases, so it is lower than what the authors' Java program prints.
///
/// Score = F · (1 − ½ · (chunks / matches)³) with F = 10 · P · R / (R + 9 · P); of several references the best counts.
/// Matches are found as runs of words, the longest first and of equally long ones the first in the answer, then the
/// first in the reference; chunks are what those runs make where neighbours go on.
public enum ExactMETEOR {
  /// - Returns: 0 to 1
  public static func score(_ answer: String, references: [String]) -> Double {
    let words = AnswerText.words(answer)
    return references.map { score(words, AnswerText.words($0)) }.max() ?? 0
  }

  private static func score(_ answer: [String], _ reference: [String]) -> Double {
    let partners = alignment(answer, reference)
    let matches = partners.count { $0 != nil }
    guard matches > 0 else { return 0 }
    let precision = Double(matches) / Double(answer.count)
    let recall = Double(matches) / Double(reference.count)
    let mean = 10 * precision * recall / (recall + 9 * precision)
    let share = Double(chunks(partners)) / Double(matches)
    return mean * (1 - 0.5 * share * share * share)
  }

  /// For every word of the answer the word of the reference that it matches, or nil.
  private static func alignment(_ answer: [String], _ reference: [String]) -> [Int?] {
    var partners = [Int?](repeating: nil, count: answer.count)
    var isTaken = [Bool](repeating: false, count: reference.count)
    func run(_ i: Int, _ j: Int) -> Int {
      var length = 0
      while i + length < answer.count, j + length < reference.count, partners[i + length] == nil,
        !isTaken[j + length], answer[i + length] == reference[j + length]
      { length += 1 }
      return length
    }
    while true {
      var best = (length: 0, i: 0, j: 0)
      for i in answer.indices {
        for j in reference.indices {
          let length = run(i, j)
          if length > best.length { best = (length, i, j) }
        }
      }
      guard best.length > 0 else { return partners }
      for offset in 0..<best.length {
        partners[best.i + offset] = best.j + offset
        isTaken[best.j + offset] = true
      }
    }
  }

  /// Runs of neighbours whose partners are neighbours in the same order.
  private static func chunks(_ partners: [Int?]) -> Int {
    var chunks = 0
    var last: Int?
    for partner in partners {
      if let partner, last.map({ partner != $0 + 1 }) ?? true { chunks += 1 }
      last = partner
    }
    return chunks
  }
}
