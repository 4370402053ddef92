import CrayonCore
import Tensors
import Testing

@testable import Fusion

/// The pieces of a prompt, exactly.
@Suite struct FusionTemplateTests {
  static func pieces(
    _ template: FusionTemplate, _ question: String, listing: String = "The image includes (#1 cup).",
    history: [FusionInput.Turn] = [], regions: Int = 0
  ) throws -> [PromptPiece] {
    let nothing = Tensor(zeros: [1, 8])
    return try template.pieces(
      FusionInput(
        question: question, listing: listing, image: nothing, crayon: nil, history: history,
        regions: Array(repeating: Tensor(zeros: [1, 8]), count: regions)))
  }

  static let start: [PromptPiece] = [.token("<|im_start|>"), .template("user\n"), .image]
  static let end: [PromptPiece] = [
    .token("<|im_end|>"), .template("\n"), .token("<|im_start|>"), .template("assistant\n"),
  ]

  @Test func pocketWithAListing() throws {
    #expect(
      try Self.pieces(.pocket, "How many cups?") == Self.start + [
        .text([.init("\nThe image includes (#1 cup).", .listing)]),
        .text([.init(" How many cups?", .question)]),
      ] + Self.end)
  }

  @Test func objectsAreShownBehindTheirNames() throws {
    let token = Tensor(zeros: [8])
    let pieces = PromptPiece.listing(
      "\nThe image includes (#1 cup (red)), (#2 cup (red)), (#1 cup).",
      objects: [
        .init(name: "cup (red)", token: token), .init(name: "cup (red)", token: token),
        .init(name: "cup", token: token),
      ])
    #expect(
      pieces == [
        .text([.init("\nThe image includes (#1 cup (red)", .listing)]), .object(1),
        .text([.init("), (#2 cup (red)", .listing)]), .object(2), .text([.init("), (#1 cup", .listing)]),
        .object(3),
        .text([.init(").", .listing)]),
      ])
  }

  @Test func pocketWithoutAListing() throws {
    #expect(
      try Self.pieces(.pocket, "How many cups?", listing: "")
        == Self.start + [.text([.init("\nHow many cups?", .question)])] + Self.end)
  }

  @Test func regionsAreCutOutOfTheQuestion() throws {
    #expect(
      try Self.pieces(.pocket, "Is [2] left of [1]?", regions: 2) == Self.start + [
        .text([.init("\nThe image includes (#1 cup).", .listing)]), .text([.init(" Is ", .question)]),
        .region(2),
        .text([.init(" left of ", .question)]), .region(1), .text([.init("?", .question)]),
      ] + Self.end)
    // At the ends, next to each other, and the same one twice.
    #expect(
      try Self.pieces(.pocket, "[1][2] or [1]", listing: "", regions: 2) == Self.start + [
        .text([.init("\n", .question)]), .region(1), .region(2), .text([.init(" or ", .question)]), .region(1),
      ] + Self.end)
  }

  /// Only with regions is [1] one.
  @Test func bracketsAreTextWhereThereAreNoRegions() throws {
    #expect(
      try Self.pieces(.pocket, "What is [1] or [x]?", listing: "")
        == Self.start + [.text([.init("\nWhat is [1] or [x]?", .question)])] + Self.end)
    #expect(
      try Self.pieces(.pocket, "Is [1] in [x] or [ 1 ] or [1234]?", listing: "", regions: 1) == Self.start + [
        .text([.init("\nIs ", .question)]), .region(1),
        .text([.init(" in [x] or [ 1 ] or [1234]?", .question)]),
      ] + Self.end)
  }

  @Test(arguments: [
    ("HOW MANY CUPS???", "how many cups?"), ("  How   many\tcups ?!", "How many cups ?"), ("Wow!!", "Wow!"),
    ("Is [1] a TV?", "Is [1] a TV?"), ("???", "?"), ("3", "3"), ("Ärger?", "Ärger?"), ("猫？", "猫？"),
  ])
  func pocketReadsAShoutAsAQuestion(asked: String, read: String) throws {
    #expect(FusionTemplate.plain(asked) == read)
  }

  @Test func pocketRemembersTurns() throws {
    #expect(
      try Self.pieces(
        .pocket, "And bowls?", listing: "", history: [.init(question: "How many [1]?", answer: "Two.")])
        == Self.start + [.text([.init("\nHow many [1]?", .question)])] + Self.end + [
          .template("Two."), .token("<|im_end|>"), .template("\n"), .token("<|im_start|>"),
          .text([.init("user\nAnd bowls?", .question)]),
        ] + Self.end)
  }

  static let system =
    "AI assistant should give helpful and detailed answers to user after fully understanding an image. "

  @Test func collavoDemo() throws {
    #expect(
      try Self.pieces(.collavoDemo, "How many cups?") == [
        .beginOfText, .template(Self.system), .image,
        .text([
          .init(" USER: ", .template), .init("The image includes (#1 cup). ", .listing),
          .init("How many cups?", .question),
          .init(" ASSISTANT:", .template),
        ]),
      ])
  }

  @Test func collavoEvaluation() throws {
    #expect(
      try Self.pieces(.collavoEvaluation, "How many cups?", listing: "") == [
        .beginOfText, .template(Self.system), .image, .template(" "), .token("[UNUSED_TOKEN_146]"),
        .text([.init("user\n", .template), .init("How many cups?", .question)]), .token("[UNUSED_TOKEN_145]"),
        .template("\n"), .token("[UNUSED_TOKEN_146]"), .template("assistant\n"),
      ])
  }

  /// The text of a region's neighbours stays together with what is around it.
  @Test func regionsOfCollavo() throws {
    #expect(
      try Self.pieces(.collavoDemo, "Is [1] red?", listing: "", regions: 1).suffix(3) == [
        .text([.init(" USER: ", .template), .init("Is ", .question)]), .region(1),
        .text([.init(" red?", .question), .init(" ASSISTANT:", .template)]),
      ])
  }

  static let vicuna: [PromptPiece] = [
    .beginOfText,
    .template(
      "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        + "detailed, and polite answers to the user's questions. USER:"),
    .token("<im_start>"), .image, .token("<im_end>"),
  ]

  @Test func nextChat() throws {
    #expect(
      try Self.pieces(.nextChat, " How many cups?", listing: "")
        == Self.vicuna + [.text([.init("How many cups?", .question), .init(" ASSISTANT:", .template)])])
    #expect(
      try Self.pieces(.nextChat, "How many cups?")
        == Self.vicuna + [
          .text([
            .init("The image includes (#1 cup). ", .listing), .init("How many cups?", .question),
            .init(" ASSISTANT:", .template),
          ])
        ])
  }

  /// Each stands behind a trigger, and no space beside either.
  @Test func regionsOfNExTChat() throws {
    #expect(
      try Self.pieces(.nextChat, "Is [2] left of [1] ?", listing: "", regions: 2) == Self.vicuna + [
        .text([.init("Is", .question)]), .token("<at>"), .region(2), .text([.init("left of", .question)]),
        .token("<at>"), .region(1), .text([.init("?", .question), .init(" ASSISTANT:", .template)]),
      ])
    #expect(
      try Self.pieces(.nextChat, "[1] [1] ", listing: "", regions: 1) == Self.vicuna + [
        .token("<at>"), .region(1), .token("<at>"), .region(1), .text([.init("ASSISTANT:", .template)]),
      ])
  }

  @Test func nextChatRemembersTurns() throws {
    #expect(
      try Self.pieces(
        .nextChat, "Is [1] one?", listing: "", history: [.init(question: "How many?", answer: "Two.")],
        regions: 1)
        == Self.vicuna + [
          .text([.init("How many?", .question), .init(" ASSISTANT: Two.", .template)]), .token("</s>"),
          .text([.init("USER: ", .template), .init("Is", .question)]), .token("<at>"), .region(1),
          .text([.init("one?", .question), .init(" ASSISTANT:", .template)]),
        ])
  }

  @Test func numbersWithoutARegion() throws {
    for (question, number) in [("Is [3] red?", 3), ("Is [0] red?", 0), ("Is [1] or [999] red?", 999)] {
      let error = #expect(throws: FusionError.self) { try Self.pieces(.pocket, question, regions: 2) }
      #expect(error == .noSuchRegion(number: number, given: 2))
    }
  }
}
