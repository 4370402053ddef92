/// Why regions cannot be made.
public enum GroundingError: Error, Equatable, CustomStringConvertible {
  case wrongState(width: Int, needed: Int)
  case wrongFeatures(got: [Int], needed: [Int])

  public var description: String {
    switch self {
    case .wrongState(let width, let needed):
      "a hidden state of width \(width) cannot be pointed with: the heads were made for a language model of width "
        + "\(needed)"
    case .wrongFeatures(let got, let needed):
      "masks cannot be drawn on features of shape \(got): the mask decoder was made for \(needed)"
    }
  }
}
