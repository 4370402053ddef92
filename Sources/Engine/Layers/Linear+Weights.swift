public import Checkpoints
import Tensors

extension Linear {
  /// Takes `weight` [outputs, inputs] and `bias` [outputs] from a scope of a checkpoint. A weight of 16 or 4 bits
  /// stays as it is in the mapped file.
  public init(_ weights: WeightReader, inputs: Int, outputs: Int, bias: Bool = true) throws {
    let isFloats = weights.elementType(of: "weight") == .float32
    self.init(
      weight: isFloats
        ? .floats(try weights.tensor("weight", shape: [outputs, inputs]))
        : .stored(try weights.matrix("weight", rows: outputs, columns: inputs, readingValues: true)),
      bias: bias ? try weights.tensor("bias", shape: [outputs]) : nil)
  }
}
