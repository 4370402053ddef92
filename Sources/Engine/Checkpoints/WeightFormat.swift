/// How a file holds weights, as its name says.
public enum WeightFormat: Sendable, CaseIterable {
  case safetensors
  case gguf
  /// PyTorch's.
  case torch

  /// How the names of such files end.
  public var suffixes: [String] {
    switch self {
    case .safetensors: [".safetensors"]
    case .gguf: [".gguf"]
    case .torch: [".bin", ".pth", ".pt"]
    }
  }

  /// - Parameter name: of a file, or its path
  /// - Returns: nil where it holds no weights
  public init?(of name: String) {
    guard let format = Self.allCases.first(where: { $0.suffixes.contains(where: name.hasSuffix) }) else {
      return nil
    }
    self = format
  }
}
