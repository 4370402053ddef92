public import Checkpoints
public import Foundation
import Tokenizers

extension LanguageModel {
  /// The tokens that NExT-Chat's authors add behind Vicuna's, in this order where no file says another.
  public static let nextChatTokens = ["<im_patch>", "<im_start>", "<im_end>", "<at>", "<boxes>"]

  /// The language model of a NExT-Chat checkpoint: a Llama, whose vocabulary has ``nextChatTokens`` at its end. Their
  /// numbers, and how a text behind one of them starts, are those of `added_tokens.json` and `tokenizer_config.json`
  /// beside the vocabulary, where these are there.
  /// - Parameters:
  ///   - config: the checkpoint's `config.json`
  ///   - weights: all of the checkpoint, of which other parts of the model are made too; the caller makes sure
  ///     that nothing is left over
  ///   - vocabulary: Vicuna's `tokenizer.model`
  /// - Throws: `CheckpointError`, `TokenizerError` or ``LanguageError`` naming the file and what is wrong.
  public init(nextChat config: URL, _ weights: WeightReader, vocabulary: URL) throws {
    let decoder = try Decoder(nextChat: config, weights)
    let bare = try SentencePieceBPE(model: vocabulary)
    let notes = try TokenizerNotes(folder: vocabulary.deletingLastPathComponent())
    try self.init(
      decoder,
      tokenizer: SentencePieceBPE(
        model: vocabulary, added: try notes.added(Self.nextChatTokens, behind: bare),
        // Vicuna's own.
        isLegacy: notes.isLegacy ?? false),
      template: .vicuna, name: config.path)
  }
}

extension Decoder {
  /// The Llama of a NExT-Chat checkpoint.
  init(nextChat config: URL, _ weights: WeightReader) throws {
    try self.init(try PublishedDecoder(config, by: .nextChat), weights)
    weights.passOver(["model.layers.{n}.self_attn.rotary_emb.inv_freq": "computed from the base"])
  }
}
