import CrayonCore

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
