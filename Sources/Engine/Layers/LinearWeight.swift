public import Tensors

/// The matrix of a linear layer [outputs, inputs], as floats or as it is stored: one model file serves a model
/// in full precision, one in 16 bits and one in 4.
public enum LinearWeight: Sendable {
  case floats(Tensor)
  /// Never unpacked as a whole for longer than a product takes.
  case stored(QuantizedMatrix)

  public var outputs: Int {
    switch self {
    case .floats(let tensor): tensor.shape[0]
    case .stored(let matrix): matrix.rows
    }
  }

  public var inputs: Int {
    switch self {
    case .floats(let tensor): tensor.shape[1]
    case .stored(let matrix): matrix.columns
    }
  }

  /// All values as floats.
  public var tensor: Tensor {
    switch self {
    case .floats(let tensor): tensor
    case .stored(let matrix): matrix.dequantized()
    }
  }

  /// Lends some rows as floats, on the calling thread; those that are stored otherwise in memory that is lent for
  /// as long.
  func read<Result>(_ rows: Range<Int>, _ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    switch self {
    case .floats(let tensor):
      return try tensor.read { try body($0 + rows.lowerBound * inputs) }
    case .stored(let matrix):
      return try withScratch(rows.count * inputs) { panel in
        matrix.dequantize(rows, into: panel)
        return try body(panel)
      }
    }
  }
}
