import Foundation
import Vocabulary

/// CIDEr-D (Vedantam et al., 2015, "CIDEr: Consensus-based Image Description Evaluation", section 6) as COCO's own
/// evaluation computes it: one to four words, cosines of counts weighted by rarity and cut at the reference's, a
/// Gaussian of the difference in length with σ = 6, times 10. How rare words are is counted over the references of the
/// pictures that are scored together.
///
/// Lengths are compared in pairs of words, as COCO's code does it. Words are those of `AnswerText`, not of the
/// Stanford tokenizer.
public struct CIDErD: Sendable {
  private typealias Counts = [[String]: Double]

  private static let longest = 4
  private static let sigma = 6.0

  private var pairs: [(answer: [Counts], references: [[Counts]])] = []
  /// In the references of how many pictures words occur together.
  private var pictures: [[String]: Double] = [:]

  /// Nothing added yet.
  public init() {}

  /// - Parameters:
  ///   - answer: what was said of a picture
  ///   - references: at least one
  public mutating func add(_ answer: String, references: [String]) {
    let references = references.map { Self.counts(AnswerText.words($0)) }
    for words in Set(references.flatMap { $0.flatMap(\.keys) }) { pictures[words, default: 0] += 1 }
    pairs.append((Self.counts(AnswerText.words(answer)), references))
  }

  /// Of every picture, in the order in which they were added; 0 to 10.
  public var scores: [Double] {
    let total = log(Double(pairs.count))
    return pairs.map { answer, references in
      let answer = weighted(answer, total)
      let sum = references.reduce(0) { $0 + Self.similarity(answer, weighted($1, total)) }
      return references.isEmpty ? 0 : 10 * sum / Double(references.count)
    }
  }

  /// The mean over the pictures; nil where there are none.
  public var score: Double? { pairs.isEmpty ? nil : scores.reduce(0, +) / Double(pairs.count) }

  private struct Weighted {
    /// By the number of words, from one.
    var values: [Counts]
    var norms: [Double]
    /// In pairs of words.
    var length: Double
  }

  /// - Parameter total: the logarithm of the number of pictures
  private func weighted(_ counts: [Counts], _ total: Double) -> Weighted {
    let values = counts.map { counts in
      counts.reduce(into: Counts()) { values, entry in
        values[entry.key] = entry.value * (total - log(max(1, pictures[entry.key] ?? 0)))
      }
    }
    return Weighted(
      values: values, norms: values.map { $0.values.reduce(0) { $0 + $1 * $1 }.squareRoot() },
      length: counts[1].values.reduce(0, +))
  }

  /// The mean over one to four words.
  private static func similarity(_ answer: Weighted, _ reference: Weighted) -> Double {
    let difference = answer.length - reference.length
    let penalty = exp(-difference * difference / (2 * sigma * sigma))
    let sum = (0..<longest).reduce(0.0) { sum, index in
      let (mine, theirs) = (answer.values[index], reference.values[index])
      // In a fixed order, so that the rounding is the same on every run.
      let product = mine.keys.sorted { $0.lexicographicallyPrecedes($1) }.reduce(0.0) { product, words in
        let value = theirs[words] ?? 0
        return product + min(mine[words] ?? 0, value) * value
      }
      let norm = answer.norms[index] * reference.norms[index]
      return sum + (norm > 0 ? product / norm : product) * penalty
    }
    return sum / Double(longest)
  }

  private static func counts(_ words: [String]) -> [Counts] {
    (1...longest).map { length in
      guard words.count >= length else { return [:] }
      return (0...words.count - length).reduce(into: Counts()) { counts, start in
        counts[Array(words[start..<start + length]), default: 0] += 1
      }
    }
  }
}

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
