import Foundation
import Testing

@testable import Language

/// The choice of tokens from given logits.
@Suite struct SamplerTests {
  static let logits: [Float] = [1, 3, 2, 0, 2.5]

  static func counts(_ sampling: Sampling, draws: Int = 4000) throws -> [Int] {
    var sampler = Sampler(sampling, seen: [])
    var counts = [Int](repeating: 0, count: logits.count)
    for _ in 0..<draws { counts[try sampler.next(logits)] += 1 }
    return counts
  }

  @Test func withoutTemperatureTheLikeliestAlways() throws {
    #expect(try Self.counts(Sampling(), draws: 10) == [0, 10, 0, 0, 0])
  }

  @Test func frequenciesAreTheProbabilities() throws {
    let counts = try Self.counts(Sampling(temperature: 1, seed: 1))
    let total = Self.logits.reduce(0) { $0 + exp(Double($1)) }
    for (count, logit) in zip(counts, Self.logits) {
      #expect(abs(Double(count) / 4000 - exp(Double(logit)) / total) < 0.03)
    }
  }

  @Test func cutsKeepTheLikeliest() throws {
    func kept(_ sampling: Sampling) throws -> [Bool] { try Self.counts(sampling).map { $0 > 0 } }
    #expect(try kept(Sampling(temperature: 1, topK: 2)) == [false, true, false, false, true])
    // Probabilities 0.47, 0.29, 0.17, 0.06, 0.02.
    #expect(try kept(Sampling(temperature: 1, topP: 0.7)) == [false, true, false, false, true])
    #expect(try kept(Sampling(temperature: 1, topP: 0.8)) == [false, true, true, false, true])
    #expect(try kept(Sampling(temperature: 1, minP: 0.5)) == [false, true, false, false, true])
    #expect(try kept(Sampling(temperature: 1, topP: 0.01)) == [false, true, false, false, false])
  }

  @Test func seeds() throws {
    func draws(_ seed: UInt64) throws -> [Int] {
      var sampler = Sampler(Sampling(temperature: 1, seed: seed), seen: [])
      return try (0..<50).map { _ in try sampler.next(Self.logits) }
    }
    #expect(try draws(3) == draws(3))
    #expect(try draws(3) != draws(4))
  }

  @Test func whatHasOccurredIsLessLikely() throws {
    var sampler = Sampler(Sampling(repetitionPenalty: 2), seen: [1])
    #expect(try sampler.next(Self.logits) == 4)
    #expect(try sampler.next(Self.logits) == 2)
  }

  @Test func numbersThatAreNone() throws {
    var sampler = Sampler(Sampling(), seen: [])
    #expect(throws: LanguageError.notFinite) { try sampler.next([1, .nan, 2]) }
    #expect(throws: LanguageError.notFinite) { try sampler.next([]) }
  }

  @Test(arguments: [
    Sampling(temperature: -1), Sampling(temperature: .nan), Sampling(topK: -1), Sampling(topP: 0),
    Sampling(topP: 1.5), Sampling(minP: 2), Sampling(repetitionPenalty: 0),
  ])
  func settingsThatMeanNothing(sampling: Sampling) {
    #expect(throws: LanguageError.self) { try sampling.check() }
  }
}
