import Checkpoints
import Foundation
import Language
import Tensors
import TestSupport
import Testing

/// Tiny random decoders against transformers.
@Suite struct DecoderParityTests {
  static let names = ["llama", "llama-tied-bias", "llama-3", "llama-linear", "internlm2"]
  static let generating = ["llama", "llama-tied-bias", "llama-3", "llama-linear"]

  @Test(arguments: names)
  func hiddenStatesAndLogits(name: String) throws {
    let tiny = try TinyDecoder(name)
    let decoder = try Decoder(folder: tiny.folder)
    var cache = KeyValueCache(for: decoder.configuration)
    let tokens = tiny.expected.tokens
    let hidden = try decoder.run(
      decoder.embeddings(of: tokens), cache: &cache, hiddenStatesAt: Array(tokens.indices))
    let closeness = Closeness(hidden.values, to: try tiny.tensor("hidden"))
    #expect(closeness.relative < 1e-3, "hidden states: \(closeness)")
    let logits = Closeness(decoder.logits(hidden).values, to: try tiny.tensor("logits"))
    #expect(logits.relative < 1e-3, "logits: \(logits)")
  }

  /// One token after the other, in pieces, and all at once come to the same.
  @Test(arguments: [1, 3, 7, 40])
  func piecesOfAnySize(size: Int) throws {
    let tiny = try TinyDecoder("llama")
    let decoder = try Decoder(folder: tiny.folder)
    var generator = Generator(decoder)
    var values: [Float] = []
    for start in stride(from: 0, to: 40, by: size) {
      let piece = Array(tiny.expected.tokens[start..<min(start + size, 40)])
      values += try generator.append(
        decoder.embeddings(of: piece), hiddenStatesAt: Array(piece.indices)
      ).values
    }
    let closeness = Closeness(values, to: try tiny.tensor("hidden"))
    #expect(closeness.relative < 1e-3, "\(closeness)")
  }

  /// A copy of a context is a branch: what one reads on, the other does not see.
  @Test func branchesShareTheirBeginning() throws {
    let decoder = try TinyCoLLaVO().decoder
    func run(_ part: [Int], _ cache: inout KeyValueCache) throws -> [Float] {
      try decoder.run(
        decoder.embeddings(of: part), cache: &cache, hiddenStatesAt: [part.count - 1]
      ).values
    }
    var trunk = KeyValueCache(for: decoder.configuration)
    let beginning = (0..<160).map { 3 + $0 * 7 % 50 }
    let all = try run(beginning, &trunk)
    var pieces = KeyValueCache(for: decoder.configuration)
    for start in stride(from: 0, to: 157, by: 3) { _ = try run(Array(beginning[start..<start + 3]), &pieces) }
    let closeness = try Closeness(run(Array(beginning[159...]), &pieces), to: all)
    #expect(closeness.relative < 1e-3, "\(closeness)")
    var branches = [trunk, trunk]
    let ends = [40, 41]
    var hidden: [[Float]] = []
    for index in 0..<2 { hidden.append(try run([ends[index]], &branches[index])) }
    #expect(hidden[0] != hidden[1] && trunk.count == 160)
    // The same again from the trunk, which nobody wrote to; and after one that went another way was cut back.
    #expect(try run([ends[0]], &trunk) == hidden[0])
    branches[1].truncate(to: 160)
    #expect(try run([ends[0]], &branches[1]) == hidden[0])
    #expect(try run([ends[1]], &branches[1]) == run([ends[1]], &branches[0]))
  }

  @Test(arguments: generating)
  func greedyTokens(name: String) throws {
    let tiny = try TinyDecoder(name)
    var generator = Generator(try Decoder(folder: tiny.folder))
    let prompt = Array(tiny.expected.tokens.prefix(try #require(tiny.expected.prompt)))
    let start = try generator.prefill(prompt).hidden
    let made = try generator.generate(from: start, limit: 64, stops: [])
    #expect(made.tokens == tiny.expected.greedy)
    #expect(made.end == .limit)
  }

  @Test(arguments: generating)
  func tokensThatAreNotRepeated(name: String) throws {
    let tiny = try TinyDecoder(name)
    var generator = Generator(try Decoder(folder: tiny.folder))
    let prompt = Array(tiny.expected.tokens.prefix(try #require(tiny.expected.prompt)))
    let start = try generator.prefill(prompt).hidden
    let sampling = Sampling(repetitionPenalty: try #require(tiny.expected.penalty))
    let made = try generator.generate(from: start, limit: 24, sampling: sampling, stops: [])
    #expect(made.tokens == tiny.expected.penalised)
  }

  @Test(arguments: generating)
  func beams(name: String) throws {
    let tiny = try TinyDecoder(name)
    var generator = Generator(try Decoder(folder: tiny.folder))
    let prompt = Array(tiny.expected.tokens.prefix(try #require(tiny.expected.prompt)))
    let start = try generator.prefill(prompt).hidden
    let stop = try #require(tiny.expected.beamStop)
    let made = try generator.beamSearch(from: start, width: 4, limit: 12, stops: [stop])
    #expect(made.tokens == tiny.expected.beams?.prefix { $0 != stop }.map { $0 })
  }

  @Test func theSameTokensForOneThreadAndTwo() throws {
    let tiny = try TinyDecoder("llama")
    let decoder = try Decoder(folder: tiny.folder)
    let runs = try [1, 2].map { threads in
      try Parallel.$threads.withValue(threads) {
        var generator = Generator(decoder)
        let start = try generator.prefill(tiny.expected.tokens).hidden
        return (start.values, try generator.generate(from: start, limit: 40, stops: []).tokens)
      }
    }
    #expect(runs[0].1 == runs[1].1)
    #expect(runs[0].0.elementsEqual(runs[1].0))
  }

  @Test func aContextWithTheSameBeginningGoesOnFromThere() throws {
    let tiny = try TinyDecoder("llama")
    let decoder = try Decoder(folder: tiny.folder)
    let tokens = tiny.expected.tokens
    var generator = Generator(decoder)
    _ = try generator.prefill(Array(tokens[..<30]) + [7, 8, 9])
    let (hidden, reused) = try generator.prefill(tokens)
    #expect(reused == 30)
    var fresh = Generator(decoder)
    let wanted = try fresh.prefill(tokens)
    #expect(wanted.reused == 0)
    let closeness = Closeness(hidden.values, to: wanted.hidden.values)
    #expect(closeness.relative < 1e-4, "\(closeness)")
  }

  @Test func hiddenStatesOfTriggers() throws {
    let tiny = try TinyDecoder("llama")
    let decoder = try Decoder(folder: tiny.folder)
    var generator = Generator(decoder)
    let start = try generator.prefill(Array(tiny.expected.tokens.prefix(12))).hidden
    let greedy = try #require(tiny.expected.greedy)
    let made = try generator.generate(from: start, limit: 20, stops: [], wanted: [greedy[4]])
    let first = try #require(made.hiddenStates.first)
    #expect(first.position == greedy.firstIndex(of: greedy[4]))
    // The state from which the token behind the trigger is made.
    let next = decoder.logits(first.state.reshaped([1, 64])).values
    #expect(next.indices.max { next[$0] < next[$1] } == greedy[first.position + 1])
  }
}
