public import Checkpoints

extension Linear {
  /// Takes `weight` [outputs, inputs] and `bias` [outputs] from a scope of a checkpoint.
  public init(_ weights: WeightReader, inputs: Int, outputs: Int, bias: Bool = true) throws {
    self.init(
      weight: try weights.tensor("weight", shape: [outputs, inputs]),
      bias: bias ? try weights.tensor("bias", shape: [outputs]) : nil)
  }
}
