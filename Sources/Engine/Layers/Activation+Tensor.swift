public import Tensors

extension Activation {
  /// The function of every value.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var result = x
    let width = x.shape.last ?? 1
    result.write { values in
      Parallel.forEachRange(x.count / max(width, 1), grain: max(1, (1 << 16) / max(width, 1))) { rows in
        kernels.bias_activation(
          values + rows.lowerBound * width, rows.count, width, width, nil, kernel, nil, 0)
      }
    }
    return result
  }
}
