import Checkpoints
import Tokenizers

extension GGUFVocabulary {
  /// What a GGUF file says of its tokenizer.
  /// - Throws: `CheckpointError.wrongMetadata`
  init(_ file: GGUFFile) throws {
    let metadata = file.metadata
    guard case .strings(let tokens) = metadata["tokenizer.ggml.tokens"] else {
      throw CheckpointError.wrongMetadata(
        path: file.file.path, key: "tokenizer.ggml.tokens", expected: "a list of texts")
    }
    self.init(path: file.file.path, tokens: tokens)
    if case .strings(let merges) = metadata["tokenizer.ggml.merges"] { self.merges = merges }
    if case .floats(let scores) = metadata["tokenizer.ggml.scores"] { self.scores = scores }
    if case .integers(let types) = metadata["tokenizer.ggml.token_type"] {
      self.types = types.map { Int($0) }
    }
    if case .string(let kind) = metadata["tokenizer.ggml.pre"] { preTokenizer = kind }
    if case .unsigned(let id) = metadata["tokenizer.ggml.bos_token_id"] { beginOfText = Int(exactly: id) }
    if case .unsigned(let id) = metadata["tokenizer.ggml.eos_token_id"] { endOfText = Int(exactly: id) }
    if case .bool(let value) = metadata["tokenizer.ggml.add_space_prefix"] { addsSpacePrefix = value }
    if case .bool(let value) = metadata["tokenizer.ggml.remove_extra_whitespaces"] {
      removesExtraSpaces = value
    }
  }
}
