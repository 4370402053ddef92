import CrayonCore

/// How a pipeline's model was trained to read picture, map and question.
public enum FusionTemplate: String, Sendable, CaseIterable {
  /// This project's own: SmolLM2's turns, with the picture at the start of the first.
  case pocket
  /// CoLLaVO as its demo asks (`demo_process`).
  case collavoDemo = "collavo-demo"
  /// CoLLaVO as it was evaluated (`eval_process`).
  case collavoEvaluation = "collavo-evaluation"
  /// NExT-Chat: Vicuna's turns, with the picture at the start of the first question.
  case nextChat = "nextchat"

  /// Whether the model is shown the map's objects: in the listing what they look like and where they are, with the
  /// regions of a question what they look like.
  public var showsObjects: Bool { self == .pocket }

  /// The tokens that end a reply, by name; of several, those that the vocabulary has.
  public var stopTokens: [String] {
    switch self {
    case .pocket: ["<|im_end|>"]
    case .collavoDemo, .collavoEvaluation: ["</s>", "[UNUSED_TOKEN_145]"]
    case .nextChat: ["</s>"]
    }
  }

  func pieces(_ input: FusionInput) throws -> [PromptPiece] {
    switch self {
    case .pocket: try pocket(input)
    case .collavoDemo: try collavo(input, turn: demoTurn)
    case .collavoEvaluation: try collavo(input, turn: evaluationTurn)
    case .nextChat: try nextChat(input)
    }
  }

  // MARK: pocket

  private func pocket(_ input: FusionInput) throws -> [PromptPiece] {
    var pieces: [PromptPiece] = [.token("<|im_start|>"), .template("user\n"), .image]
    if !input.listing.isEmpty {
      pieces += PromptPiece.listing("\n" + input.listing, objects: input.objects)
    }
    var lead = input.listing.isEmpty ? "\n" : " "
    for turn in input.history {
      pieces += [.text([.init(lead + Self.plain(turn.question), .question)])] + Self.assistant
      pieces += [.template(turn.answer), .token("<|im_end|>"), .template("\n"), .token("<|im_start|>")]
      lead = "user\n"
    }
    pieces += try PromptPiece.cut(
      [.init(lead + Self.plain(input.question), .question)], regions: input.regions.count)
    return pieces + Self.assistant
  }

  /// A question as the model was trained to read questions: all capitals become small letters, white space is one space,
  /// and of the marks at the end one stays.
  static func plain(_ question: String) -> String {
    var words = question.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if words.contains(where: \.isUppercase), !words.contains(where: \.isLowercase) {
      words = words.lowercased()
    }
    let marks = words.reversed().prefix(while: "?!".contains)
    guard marks.count > 1 else { return words }
    return words.dropLast(marks.count) + (marks.contains("?") ? "?" : "!")
  }

  private static let assistant: [PromptPiece] = [
    .token("<|im_end|>"), .template("\n"), .token("<|im_start|>"), .template("assistant\n"),
  ]

  // MARK: CoLLaVO

  private func collavo(
    _ input: FusionInput, turn: (_ parts: [PromptPiece.Part], _ regions: Int) throws -> [PromptPiece]
  ) throws -> [PromptPiece] {
    var pieces: [PromptPiece] = [
      .beginOfText,
      .template(
        "AI assistant should give helpful and detailed answers to user after fully understanding an image. "),
      .image,
    ]
    var listing = input.listing.isEmpty ? [] : [PromptPiece.Part(input.listing + " ", .listing)]
    for earlier in input.history {
      pieces += try turn(listing + [.init(earlier.question, .question)], 0) + [.template(" " + earlier.answer)]
      listing = []
    }
    return pieces + (try turn(listing + [.init(input.question, .question)], input.regions.count))
  }

  private func demoTurn(_ parts: [PromptPiece.Part], _ regions: Int) throws -> [PromptPiece] {
    try PromptPiece.cut(
      [.init(" USER: ", .template)] + parts + [.init(" ASSISTANT:", .template)], regions: regions)
  }

  private func evaluationTurn(_ parts: [PromptPiece.Part], _ regions: Int) throws -> [PromptPiece] {
    [.template(" "), .token("[UNUSED_TOKEN_146]")]
      + (try PromptPiece.cut([.init("user\n", .template)] + parts, regions: regions))
      + [
        .token("[UNUSED_TOKEN_145]"), .template("\n"), .token("[UNUSED_TOKEN_146]"), .template("assistant\n"),
      ]
  }
}

extension FusionTemplate {
  /// Vicuna's turns (v1.1) as NExT-Chat's demo writes them (`mllm/dataset/single_image_interactive.py`). A region of a
  /// question stands behind a trigger of its own, as those of an answer do. Spaces beside the model's own tokens are
  /// taken away, as the tokenizer that it was trained with did (transformers 4.31).
  func nextChat(_ input: FusionInput) throws -> [PromptPiece] {
    let listing = input.listing.isEmpty ? [] : [PromptPiece.Part(input.listing + " ", .listing)]
    var pieces: [PromptPiece] = [
      .beginOfText,
      .template(
        "A chat between a curious user and an artificial intelligence assistant. "
          + "The assistant gives helpful, detailed, and polite answers to the user's questions. USER:"),
      .token("<im_start>"), .image, .token("<im_end>"),
    ]
    var lead = listing
    for turn in input.history {
      let parts: [PromptPiece.Part] = [
        .init(turn.question, .question), .init(" ASSISTANT: " + turn.answer, .template),
      ]
      pieces += Self.bare([.text(lead + parts)], isBehindToken: pieces.last == .token("<im_end>"))
      pieces.append(.token("</s>"))
      lead = [.init("USER: ", .template)]
    }
    let parts = lead + [.init(input.question, .question), .init(" ASSISTANT:", .template)]
    return pieces
      + Self.bare(
        try PromptPiece.cut(parts, regions: input.regions.count), isBehindToken: input.history.isEmpty)
  }

  /// Texts without the spaces beside the tokens, and every region with its trigger.
  /// - Parameter isBehindToken: whether the first piece stands behind one of the model's own tokens
  private static func bare(_ pieces: [PromptPiece], isBehindToken: Bool) -> [PromptPiece] {
    pieces.indices.flatMap { index -> [PromptPiece] in
      guard case .text(var parts) = pieces[index] else { return [.token("<at>"), pieces[index]] }
      if index > 0 || isBehindToken {
        while let first = parts.first {
          parts[0].text = String(first.text.drop(while: \.isWhitespace))
          if !parts[0].text.isEmpty { break }
          parts.removeFirst()
        }
      }
      if index < pieces.count - 1 {
        while let last = parts.popLast() {
          let text = last.text.reversed().drop(while: \.isWhitespace).reversed()
          if text.isEmpty { continue }
          parts.append(.init(String(text), last.kind))
          break
        }
      }
      return parts.isEmpty ? [] : [.text(parts)]
    }
  }
}
