/// Why a question cannot be put to the model.
public enum FusionError: Error, Equatable, CustomStringConvertible {
  case emptyQuestion
  case questionTooLong(bytes: Int, limit: Int)
  case noSuchRegion(number: Int, given: Int)
  case regionNotMentioned(number: Int)
  case missingToken(String)
  case wrongWidth(what: String, got: [Int], width: Int)
  case wrongCrayonFeatures(got: [Int], image: [Int])

  public var description: String {
    switch self {
    case .emptyQuestion: "the question is empty"
    case .questionTooLong(let bytes, let limit):
      "the question is \(bytes) bytes long; at most \(limit) are read"
    case .noSuchRegion(let number, let given):
      "the question speaks of region [\(number)], but \(given == 1 ? "one region is" : "\(given) regions are") given"
    case .regionNotMentioned(let number):
      "region \(number) is given, but the question does not speak of it; write [\(number)] where it belongs"
    case .missingToken(let name): "the language model's vocabulary has no token \(name), which the prompt needs"
    case .wrongWidth(let what, let got, let width):
      "\(what) of shape \(got) do not fit a language model of width \(width)"
    case .wrongCrayonFeatures(let got, let image):
      "crayon features of shape \(got) do not fit image tokens of shape \(image)"
    }
  }
}
