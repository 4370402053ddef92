import CrayonCore
import Foundation
import Language
import Tensors
import TestSupport
import Testing

/// A model that points: behind its trigger stands a slot with the location that the trigger's state means. Held
/// against the same computed from the start for every token, without a cache.
@Suite struct LocationTriggerTests {
  static let slot = 96

  /// Any function of the state will do.
  static func location(_ state: Tensor) -> Tensor {
    let values = state.values
    return Tensor(values.indices.map { 0.3 * values[values.count - 1 - $0] - 0.05 }, shape: state.shape)
  }

  struct Locator: TriggerLocator {
    func location(ofLast states: [Tensor]) throws -> Tensor {
      LocationTriggerTests.location(try #require(states.last))
    }
  }

  static func trigger(_ token: Int) -> LocationTrigger {
    LocationTrigger(token: token, slot: slot, locator: Locator())
  }

  let tiny: TinyDecoder
  let decoder: Decoder
  let prompt: [Int]
  let greedy: [Int]

  init() throws {
    tiny = try TinyDecoder("llama")
    decoder = try Decoder(folder: tiny.folder)
    prompt = Array(tiny.expected.tokens.prefix(12))
    greedy = try #require(tiny.expected.greedy)
  }

  /// A context as plain rows, all of which run again for every token.
  struct Plain {
    let decoder: Decoder
    let trigger: LocationTrigger
    var rows: [Float]
    var tokens: [Int] = []
    var states: [(position: Int, state: [Float])] = []
    var score = 0.0

    func hidden() throws -> Tensor {
      let width = decoder.configuration.width
      let count = rows.count / width
      var cache = KeyValueCache(for: decoder.configuration)
      return try decoder.run(Tensor(rows, shape: [count, width]), cache: &cache, hiddenStatesAt: [count - 1])
    }

    func logits() throws -> [Float] { try decoder.logits(hidden()).values }

    mutating func append(_ token: Int) throws {
      tokens.append(token)
      rows += try decoder.embeddings(of: [token]).values
      guard token == trigger.token else { return }
      let state = try hidden().reshaped([decoder.configuration.width])
      states.append((tokens.count - 1, state.values))
      tokens.append(trigger.slot)
      rows += LocationTriggerTests.location(state).values
    }
  }

  func plain(_ trigger: LocationTrigger) throws -> Plain {
    Plain(decoder: decoder, trigger: trigger, rows: try decoder.embeddings(of: prompt).values)
  }

  static func areEqual(_ made: Generation, _ plain: Plain) -> Bool {
    made.tokens == plain.tokens && made.hiddenStates.map { $0.position } == plain.states.map { $0.position }
      && zip(made.hiddenStates, plain.states).allSatisfy {
        Closeness($0.state.values, to: $1.state).relative < 1e-3
      }
  }

  /// - Parameter index: of the trigger among the tokens that the model makes without one
  @Test(arguments: [0, 2, 5, 9])
  func greedily(index: Int) throws {
    let trigger = Self.trigger(greedy[index])
    var plain = try plain(trigger)
    var heard: [Int] = []
    for _ in 0..<24 {
      let logits = try plain.logits()
      heard.append(try #require(logits.indices.max { (logits[$0], $1) < (logits[$1], $0) }))
      try plain.append(heard[heard.count - 1])
    }
    var generator = Generator(decoder)
    let hidden = try generator.prefill(prompt).hidden
    var told: [Int] = []
    let made = try generator.generate(from: hidden, limit: 24, stops: [], trigger: trigger) { token in
      told.append(token)
      return true
    }
    #expect(!plain.states.isEmpty && Self.areEqual(made, plain))
    // Slots are read, not chosen.
    #expect(told == heard && made.end == .limit)
  }

  @Test(arguments: [0, 2, 5], [2, 4])
  func byBeams(index: Int, width: Int) throws {
    let trigger = Self.trigger(greedy[index])
    var beams = [try plain(trigger)]
    for _ in 0..<10 {
      var candidates: [(beam: Int, token: Int, score: Double)] = []
      for (beam, plain) in beams.enumerated() {
        let logits = try plain.logits().map(Double.init)
        let highest = try #require(logits.max())
        let total = log(logits.reduce(0) { $0 + exp($1 - highest) }) + highest
        candidates += logits.enumerated().map { (beam, $0.offset, plain.score + $0.element - total) }
      }
      candidates.sort { $0.score > $1.score }
      beams = try candidates.prefix(width).map { candidate in
        var next = beams[candidate.beam]
        next.score = candidate.score
        try next.append(candidate.token)
        return next
      }
    }
    var generator = Generator(decoder)
    let hidden = try generator.prefill(prompt).hidden
    let made = try generator.beamSearch(from: hidden, width: width, limit: 10, stops: [], trigger: trigger)
    #expect(Self.areEqual(made, beams[0]))
  }

  /// The last token that is allowed points.
  @Test(arguments: [1, 4])
  func atTheLimit(beams: Int) throws {
    let trigger = Self.trigger(greedy[0])
    var generator = Generator(decoder)
    let hidden = try generator.prefill(prompt).hidden
    let made =
      beams == 1
      ? try generator.generate(from: hidden, limit: 1, stops: [], trigger: trigger)
      : try generator.beamSearch(from: hidden, width: beams, limit: 1, stops: [], trigger: trigger)
    #expect(made.tokens == [trigger.token, Self.slot] && made.end == .limit)
    #expect(made.hiddenStates.map { $0.position } == [0])
  }

  @Test func aStopBehindTheLastRegion() throws {
    let trigger = Self.trigger(greedy[0])
    var plain = try plain(trigger)
    try plain.append(trigger.token)
    let logits = try plain.logits()
    let stop = try #require(logits.indices.max { logits[$0] < logits[$1] })
    var generator = Generator(decoder)
    let hidden = try generator.prefill(prompt).hidden
    let made = try generator.generate(from: hidden, limit: 9, stops: [stop], trigger: trigger)
    #expect(made.tokens == [trigger.token, Self.slot] && made.end == .stop && made.hiddenStates.count == 1)
  }

  /// A region needs two positions, of 128.
  @Test(arguments: [(125, 4, 1), (126, 3, 1), (127, 1, 0)])
  func whereTheContextIsFull(length: Int, tokens: Int, regions: Int) throws {
    let long = (0..<length).map { 3 + $0 * 7 % 90 }
    var generator = Generator(decoder)
    let first = try generator.generate(from: generator.prefill(long).hidden, limit: 1, stops: []).tokens[0]
    generator = Generator(decoder)
    let made = try generator.generate(
      from: generator.prefill(long).hidden, limit: 50, stops: [], trigger: Self.trigger(first))
    #expect(made.end == .contextFull && made.tokens[0] == first)
    #expect(made.tokens.count == tokens && made.hiddenStates.count == regions)
    var searching = Generator(decoder)
    let found = try searching.beamSearch(
      from: searching.prefill(long).hidden, width: 3, limit: 50, stops: [], trigger: Self.trigger(first))
    #expect(found.end == .contextFull && !found.tokens.isEmpty)
  }

  /// As a reply: where in the text each region is, and no text for the slots.
  @Test(arguments: [1, 3])
  func inAReply(beams: Int) throws {
    let tiny = try TinyCoLLaVO()
    let model = try tiny.model()
    let expected = try CoLLaVO.expected("demo")
    let sequence = try tiny.sequence(expected)
    // Whatever it says second.
    var session = LanguageSession(model, stopTokens: [])
    let options = AnswerOptions(limit: 16, beams: beams)
    let token = try session.reply(to: sequence, adapters: .collavo, options: options).tokens[1]
    let trigger = LocationTrigger(token: token, slot: 7, locator: Locator())
    session = LanguageSession(model, stopTokens: [])
    var heard = ""
    let reply = try session.reply(
      to: sequence, adapters: .collavo, options: options, trigger: trigger, heard: { heard += $0 })
    #expect(!reply.triggers.isEmpty && heard == reply.markedText)
    #expect(heard.contains("[1]") && !reply.text.contains("[1]"))
    for trigger in reply.triggers {
      #expect(reply.tokens[trigger.position] == token && reply.tokens[trigger.position + 1] == 7)
      #expect(trigger.state.count == 32)
    }
    let slots = Set(reply.triggers.map { $0.position + 1 })
    let chosen = reply.tokens.enumerated().filter { !slots.contains($0.offset) }.map { $0.element }
    #expect(chosen.count == 16 && reply.text == model.tokenizer.decode(chosen))
    let offsets = reply.triggers.map { $0.textOffset }
    #expect(offsets == offsets.sorted() && offsets.allSatisfy { $0 <= reply.text.count })
  }
}
