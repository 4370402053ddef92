public import CrayonCore
public import Tokenizers

extension Reply {
  /// What is made so far, as a reply: what it says, and where in it the model points.
  public init(_ made: Generation, tokenizer: any Tokenizer) {
    let slots = made.slots
    func text(before end: Int) -> String {
      tokenizer.decode(made.tokens[..<end].indices.filter { !slots.contains($0) }.map { made.tokens[$0] })
    }
    self.init(
      text: text(before: made.tokens.count), tokens: made.tokens,
      triggers: made.hiddenStates.map { position, state in
        Trigger(position: position, textOffset: text(before: position).count, state: state.values)
      },
      end: made.end, promptTokens: 0, reusedTokens: 0, firstTokenSeconds: 0, writingSeconds: 0)
  }
}
