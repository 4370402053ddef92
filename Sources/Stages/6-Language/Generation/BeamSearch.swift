import Foundation

/// The bookkeeping of a beam search: which branches go on, and which have ended.
struct BeamSearch {
  struct Hypothesis {
    var tokens: [Int]
    var score: Double
    var isFinished: Bool
  }

  private struct Live {
    var tokens: [Int] = []
    var logProbability = 0.0
  }

  private let width: Int
  private let lengthPenalty: Float
  private let stops: Set<Int>
  private var live = [Live()]
  private var finished: [Hypothesis] = []
  private(set) var isDone = false

  init(width: Int, lengthPenalty: Float, stops: Set<Int>) {
    self.width = width
    self.lengthPenalty = lengthPenalty
    self.stops = stops
  }

  /// Extends every live branch by its logits.
  /// - Returns: the branches that go on: which one each continues, and by which token.
  /// - Throws: ``LanguageError/notFinite``
  mutating func step(_ logits: [[Float]]) throws -> [(branch: Int, token: Int)] {
    var candidates: [(branch: Int, token: Int, score: Double)] = []
    for (branch, logits) in logits.enumerated() {
      let highest = Double(logits[try Sampler.largest(logits)])
      let total = log(logits.reduce(0) { $0 + exp(Double($1) - highest) }) + highest
      // Twice as many as are needed: some may be stops.
      let best = Array(logits.enumerated()).sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      for (token, logit) in best.prefix(2 * width) {
        candidates.append((branch, token, live[branch].logProbability + Double(logit) - total))
      }
    }
    candidates.sort { ($1.score, $0.branch, $0.token) < ($0.score, $1.branch, $1.token) }
    var next: [Live] = []
    var choices: [(branch: Int, token: Int)] = []
    for (rank, candidate) in candidates.prefix(2 * width).enumerated() where next.count < width {
      let tokens = live[candidate.branch].tokens
      if stops.contains(candidate.token) {
        // As transformers: a stop outside the best `width` does not end a branch.
        guard rank < width else { continue }
        finish(tokens, candidate.score, length: tokens.count + 1)
      } else {
        next.append(Live(tokens: tokens + [candidate.token], logProbability: candidate.score))
        choices.append((candidate.branch, candidate.token))
      }
    }
    live = next
    if finished.count >= width, let worst = finished.map(\.score).min(), let first = live.first {
      // No live branch can still overtake the worst that has ended.
      isDone = worst >= scored(first.logProbability, length: first.tokens.count)
    }
    if live.isEmpty { isDone = true }
    return choices
  }

  /// The best that has ended, or is on its way where none that ended is better.
  var best: Hypothesis {
    let running = live.map {
      Hypothesis(
        tokens: $0.tokens, score: scored($0.logProbability, length: $0.tokens.count), isFinished: false)
    }
    let all = isDone ? finished : finished + running
    return all.max { $0.score < $1.score } ?? Hypothesis(tokens: [], score: 0, isFinished: false)
  }

  private mutating func finish(_ tokens: [Int], _ logProbability: Double, length: Int) {
    finished.append(
      Hypothesis(tokens: tokens, score: scored(logProbability, length: length), isFinished: true))
    finished.sort { $0.score > $1.score }
    finished = Array(finished.prefix(width))
  }

  private func scored(_ logProbability: Double, length: Int) -> Double {
    logProbability / pow(Double(max(length, 1)), Double(lengthPenalty))
  }
}
