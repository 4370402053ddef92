import CrayonCore
import Fusion
import Tensors
import TestSupport
import Testing
import Tokenizers

/// Questions that are not put to the model, in exact words.
@Suite struct FusionRefusalTests {
  static func message(
    _ question: String, image: [Int] = [6, 8], crayon: [Int]? = nil, regions: [[Int]] = []
  ) throws -> String {
    let fuser = try Fuser(
      template: .pocket, addsCrayon: true, embedder: Pocket.embedder, tokenizer: #require(Pocket.tokenizer))
    do {
      let sequence = try fuser.run(
        FusionInput(
          question: question, listing: "", image: Tensor(zeros: image),
          crayon: crayon.map { Tensor(zeros: $0) },
          regions: regions.map { Tensor(zeros: $0) }))
      return "accepted: \(sequence.count) positions"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: ["", " ", "\n\t \u{3000}\r\n"])
  func anEmptyQuestion(question: String) throws {
    #expect(try Self.message(question) == "the question is empty")
  }

  @Test func aQuestionOfAHundredThousandCharacters() throws {
    #expect(
      try Self.message(String(repeating: "x", count: 100_000))
        == "the question is 100000 bytes long; at most 20000 are read")
    #expect(
      try Self.message(String(repeating: "x", count: 20_001)).hasPrefix("the question is 20001 bytes long"))
    #expect(try Self.message(String(repeating: "x", count: 20_000)).hasPrefix("accepted"))
    // One character, as Swift counts.
    #expect(
      try Self.message("e" + String(repeating: "\u{301}", count: 50_000))
        == "the question is 100001 bytes long; at most 20000 are read")
  }

  @Test(arguments: [
    ("Is [1] red?", 2, "region 2 is given, but the question does not speak of it; write [2] where it belongs"),
    ("Is it red?", 1, "region 1 is given, but the question does not speak of it; write [1] where it belongs"),
    ("Is [1] [2] [3]?", 2, "the question speaks of region [3], but 2 regions are given"),
    ("Is [1] [0]?", 1, "the question speaks of region [0], but one region is given"),
  ])
  func regionsAndWordsThatDoNotFit(question: String, regions: Int, sentence: String) throws {
    #expect(try Self.message(question, regions: Array(repeating: [1, 8], count: regions)) == sentence)
  }

  @Test(
    arguments: [
      ([6, 7], nil, [], "image tokens of shape [6, 7] do not fit a language model of width 8"),
      ([0, 8], nil, [], "image tokens of shape [0, 8] do not fit a language model of width 8"),
      ([48], nil, [], "image tokens of shape [48] do not fit a language model of width 8"),
      ([6, 8], [5, 8], [], "crayon features of shape [5, 8] do not fit image tokens of shape [6, 8]"),
      ([6, 8], [6, 4], [], "crayon features of shape [6, 4] do not fit image tokens of shape [6, 8]"),
      ([6, 8], nil, [[7]], "region embeddings of shape [7] do not fit a language model of width 8"),
      ([6, 8], nil, [[0, 8]], "region embeddings of shape [0, 8] do not fit a language model of width 8"),
    ] as [([Int], [Int]?, [[Int]], String)])
  func widths(image: [Int], crayon: [Int]?, regions: [[Int]], sentence: String) throws {
    #expect(try Self.message("Is [1] red?", image: image, crayon: crayon, regions: regions) == sentence)
  }

  /// A template for another model's vocabulary fails when it is made, not at the first question.
  @Test func aVocabularyWithoutTheMarkers() throws {
    func message(_ template: FusionTemplate, _ tokenizer: any Tokenizer) -> String {
      do {
        _ = try Fuser(template: template, addsCrayon: true, embedder: Pocket.embedder, tokenizer: tokenizer)
        return "accepted"
      } catch {
        return "\(error)"
      }
    }
    let pocket = try #require(Pocket.tokenizer)
    let collavo = try SentencePieceBPE(model: CoLLaVO.file("tokenizer.model"))
    let lacks = "the language model's vocabulary has no token"
    #expect(message(.pocket, collavo) == "\(lacks) <|im_start|>, which the prompt needs")
    #expect(message(.collavoDemo, pocket) == "\(lacks) that starts a text, which the prompt needs")
    let llama = try SentencePieceBPE(model: Fixtures.folder.appendingPathComponent("Tokenizers/llama.model"))
    #expect(message(.collavoEvaluation, llama) == "\(lacks) [UNUSED_TOKEN_146], which the prompt needs")
    #expect(message(.pocket, pocket) == "accepted" && message(.collavoEvaluation, collavo) == "accepted")
  }

  @Test func aTokenThatTheModelDoesNotHave() throws {
    let small = TableEmbedder(table: Tensor(zeros: [10, 8]))
    let fuser = try Fuser(
      template: .pocket, addsCrayon: true, embedder: small, tokenizer: #require(Pocket.tokenizer))
    #expect(throws: TableEmbedder.NoSuchToken.self) {
      try fuser.run(FusionInput(question: "Hi", listing: "", image: Tensor(zeros: [1, 8]), crayon: nil))
    }
  }
}
