public import Checkpoints

extension LayerNorm {
  /// Takes `weight` and `bias` [width] from a scope of a checkpoint.
  public init(_ weights: WeightReader, width: Int, epsilon: Float = 1e-5) throws {
    self.init(
      scale: try weights.tensor("weight", shape: [width]),
      shift: try weights.tensor("bias", shape: [width]), epsilon: epsilon)
  }
}
