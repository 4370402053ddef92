import Checkpoints
import Tokenizers

extension GGUFVocabulary {
  /// What a GGUF file says of its tokenizer. What its kind cannot do without is required: without merges a byte-level
  /// vocabulary would still make tokens of any text, and other ones than the model knows.
  /// - Throws: `CheckpointError.wrongMetadata`
  init(_ file: GGUFFile) throws {
    let metadata = file.metadata
    guard case .strings(let tokens) = metadata["tokenizer.ggml.tokens"] else {
      throw CheckpointError.wrongMetadata(
        path: file.file.path, key: "tokenizer.ggml.tokens", expected: "a list of texts")
    }
    self.init(path: file.file.path, tokens: tokens)
    func required(_ key: String, _ expected: String) -> CheckpointError {
      .wrongMetadata(path: file.file.path, key: key, expected: expected)
    }
    if case .string("gpt2") = metadata["tokenizer.ggml.model"] {
      guard case .strings(let merges) = metadata["tokenizer.ggml.merges"], !merges.isEmpty else {
        throw required("tokenizer.ggml.merges", "a list of texts")
      }
      self.merges = merges
    } else {
      guard case .floats(let scores) = metadata["tokenizer.ggml.scores"] else {
        throw required("tokenizer.ggml.scores", "a list of numbers")
      }
      self.scores = scores
    }
    guard case .integers(let types) = metadata["tokenizer.ggml.token_type"] else {
      throw required("tokenizer.ggml.token_type", "a list of whole numbers")
    }
    self.types = types.map { Int($0) }
    if case .string(let kind) = metadata["tokenizer.ggml.pre"] { preTokenizer = kind }
    if case .unsigned(let id) = metadata["tokenizer.ggml.bos_token_id"] { beginOfText = Int(exactly: id) }
    if case .unsigned(let id) = metadata["tokenizer.ggml.eos_token_id"] { endOfText = Int(exactly: id) }
    if case .bool(let value) = metadata["tokenizer.ggml.add_space_prefix"] { addsSpacePrefix = value }
    if case .bool(let value) = metadata["tokenizer.ggml.remove_extra_whitespaces"] {
      removesExtraSpaces = value
    }
  }
}
