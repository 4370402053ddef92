/// Why a language model cannot be loaded, or cannot answer.
public enum LanguageError: Error, Equatable, CustomStringConvertible {
  // Models
  case badConfiguration(file: String, fault: String)
  case unsupported(file: String, what: String)
  case unreadable(file: String, reason: String)
  case vocabularyMismatch(file: String, tokenizer: Int, model: Int)

  // Adapters
  case adapterForOtherLayers(adapter: String, modules: [String])
  case adapterShape(adapter: String, module: String, expected: [Int], got: [Int])
  case duplicateAdapter(String)
  case noSuchAdapter(String, known: [String])
  case badGain(String, Float)

  // Requests
  case noSuchToken(Int, vocabulary: Int)
  case wrongEmbeddings(shape: [Int], width: Int)
  case wrongCrayonFeatures(shape: [Int], rows: Int, width: Int)
  case contextFull(needed: Int, limit: Int)
  /// - share: of `needed`, what the longest part of the text takes
  case tooLong(needed: Int, limit: Int, part: String, share: Int)
  case emptyPrompt
  case badSampling(String)
  case notFinite

  /// Whether a file of weights is at fault, and not a request.
  public var isAboutTheModel: Bool {
    switch self {
    case .badConfiguration, .unsupported, .unreadable, .vocabularyMismatch, .adapterForOtherLayers,
      .adapterShape, .duplicateAdapter, .notFinite:
      true
    case .noSuchAdapter, .badGain, .noSuchToken, .wrongEmbeddings, .wrongCrayonFeatures, .contextFull,
      .tooLong, .emptyPrompt, .badSampling:
      false
    }
  }

  public var description: String {
    switch self {
    case .badConfiguration(let file, let fault): "\(file) describes a model with \(fault)"
    case .unsupported(let file, let what): "\(file) needs \(what), which crayon does not have"
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .vocabularyMismatch(let file, let tokenizer, let model):
      "\(file): the tokenizer has \(tokenizer) tokens, but the model \(model); they do not belong together"
    case .adapterForOtherLayers(let adapter, let modules):
      "the adapter \(adapter) is for another model: this one has no \(modules.prefix(5).joined(separator: ", "))"
        + (modules.count > 5 ? " and \(modules.count - 5) more" : "")
    case .adapterShape(let adapter, let module, let expected, let got):
      "the adapter \(adapter) has \(got) for \(module), where the model needs \(expected)"
    case .duplicateAdapter(let name): "an adapter named \(name) is attached already"
    case .noSuchAdapter(let name, let known):
      "there is no adapter \(name); this model has " + (known.isEmpty ? "none" : known.joined(separator: ", "))
    case .badGain(let name, let gain): "the gain of the adapter \(name) is \(gain), which is no finite number"
    case .noSuchToken(let token, let vocabulary):
      "there is no token \(token) in a vocabulary of \(vocabulary)"
    case .wrongEmbeddings(let shape, let width): "embeddings of shape \(shape) for a model of width \(width)"
    case .wrongCrayonFeatures(let shape, let rows, let width):
      "crayon features of shape \(shape) for a picture of \(rows) tokens in a model of width \(width)"
    case .contextFull(let needed, let limit):
      "the text needs \(needed) tokens, but the model sees at most \(limit); shorten the question, or ask "
        + "for fewer tokens"
    case .tooLong(let needed, let limit, let part, let share):
      "the text needs \(needed) tokens, but the model sees at most \(limit); \(share) of them are \(part)"
    case .emptyPrompt: "there is nothing to answer: the text is empty"
    case .badSampling(let what): what
    case .notFinite: "the model gives numbers that are infinite or none; its weights are damaged"
    }
  }
}
