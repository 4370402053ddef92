/// Why a Mask2Former cannot be used, beyond what its files say wrongly (`ConfigurationError`, `CheckpointError`).
public enum Mask2FormerError: Error, Equatable, CustomStringConvertible {
  case unknownCategory(name: String)
  case notFinite

  public var description: String {
    switch self {
    case .unknownCategory(let name): "the class \"\(name)\" is not in the model's vocabulary"
    case .notFinite: "the segmenter gives numbers that are infinite or none; its weights are damaged"
    }
  }
}
