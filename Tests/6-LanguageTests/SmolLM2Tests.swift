import Foundation
import Language
import Tensors
import TestSupport
import Testing
import Tokenizers

/// The real language base against transformers on the same weights, unpacked to 32 bits.
@Suite(.enabled(if: Models.haveSmolLM2, "SmolLM2-135M-Instruct is not in the models folder (make models)"))
struct SmolLM2Tests {
  struct Expected: Decodable {
    struct Case: Decodable {
      var prompt: String
      var tokens: [Int]
      var greedy: [Int]
      var logits: [Float]
      var largest: Float
    }

    var sample: [Int]
    var cases: [Case]
  }

  static let expected: Expected? = {
    let file = TinyDecoder.fixtures.appendingPathComponent("smollm2.json")
    return (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(Expected.self, from: $0) }
  }()
  static let model = try? LanguageModel(gguf: Models.smolLM2, template: .smolLM2)

  /// What Hugging Face `tokenizers` makes of the same vocabulary.
  struct Tokens: Decodable {
    struct Text: Decodable {
      var text: String
      var plain: [Int]
    }
    struct Chat: Decodable {
      struct Message: Decodable {
        var role: String
        var content: String
      }
      var messages: [Message]
      var ids: [Int]
    }

    var strings: [Text]
    var chats: [Chat]
  }

  @Test func everyTextBecomesTheReferencesTokens() throws {
    let model = try #require(Self.model)
    let file = Fixtures.folder.appendingPathComponent("Tokenizers/smollm2.json")
    let expected = try JSONDecoder().decode(Tokens.self, from: Data(contentsOf: file))
    for entry in expected.strings {
      #expect(model.tokenizer.encode(entry.text) == entry.plain, "\(entry.text.debugDescription)")
    }
    for chat in expected.chats {
      let messages = try chat.messages.map {
        ChatMessage(try #require(ChatMessage.Role(rawValue: $0.role)), $0.content)
      }
      #expect(try model.template.tokens(messages, model.tokenizer) == chat.ids)
    }
  }

  @Test(arguments: 0..<8)
  func conversation(index: Int) throws {
    let model = try #require(Self.model)
    let expected = try #require(Self.expected)
    let wanted = expected.cases[index]
    let tokens = try model.template.tokens([ChatMessage(.user, wanted.prompt)], model.tokenizer)
    #expect(tokens == wanted.tokens)
    var generator = Generator(model.decoder)
    let start = try generator.prefill(tokens).hidden
    let logits = model.decoder.logits(start).values
    let differences = zip(expected.sample, wanted.logits).map { abs(logits[$0] - $1) }
    let relative = try #require(differences.max()) / wanted.largest
    #expect(relative < 1e-3)
    let made = try generator.generate(from: start, limit: 64, stops: [])
    #expect(made.tokens == wanted.greedy)
  }

  @Test func anAnswerIsText() throws {
    let model = try #require(Self.model)
    var generator = Generator(model.decoder)
    var heard: [String] = []
    let answer = try model.answer(
      [ChatMessage(.user, "What is the capital of France?")], generator: &generator
    ) { heard.append($0) }
    #expect(answer.text.contains("Paris"))
    #expect(answer.end == .stop)
    #expect(heard.joined() == answer.text)
    #expect(heard.count > 1)
    let stopped = try model.answer(
      [ChatMessage(.user, "What is the capital of France?")], options: AnswerOptions(stops: [" Paris"]),
      generator: &generator)
    #expect(answer.text.hasPrefix(stopped.text) && !stopped.text.contains("Paris"))
    #expect(stopped.reusedTokens == stopped.promptTokens - 1)
  }

  /// In four bits as in any other format: a broken activation ends in an error and never in an answer.
  @Test(arguments: [1, 2, 5], [Float.nan, .infinity])
  func aBrokenActivationIsNoAnswer(rows: Int, broken: Float) throws {
    let model = try #require(Self.model)
    let width = model.decoder.width
    var values = [Float](repeating: 0.01, count: rows * width)
    values[(rows - 1) * width + 100] = broken
    var generator = Generator(model.decoder)
    let hidden = try generator.append(Tensor(values, shape: [rows, width]), hiddenStatesAt: [rows - 1])
    #expect(throws: LanguageError.notFinite) { try generator.generate(from: hidden, limit: 4, stops: []) }
    var search = Generator(model.decoder)
    let other = try search.append(Tensor(values, shape: [rows, width]), hiddenStatesAt: [rows - 1])
    #expect(throws: LanguageError.notFinite) {
      try search.beamSearch(from: other, width: 2, limit: 4, stops: [])
    }
  }

  @Test func aPromptThatIsTooLong() throws {
    let model = try #require(Self.model)
    var generator = Generator(model.decoder)
    let megabyte = String(repeating: "How many cups are there? ", count: 42_000)
    #expect {
      try model.answer([ChatMessage(.user, megabyte)], generator: &generator)
    } throws: { error in
      guard case LanguageError.contextFull(_, limit: 8192) = error else { return false }
      return true
    }
  }
}
