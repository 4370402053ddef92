public import Tensors

extension Tensor {
  /// The sum of two tensors of one shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.shape == b.shape)
    let count = a.count
    return Tensor(shape: a.shape) { out in
      withValues(of: a, b) { a, b in
        Parallel.forEachRange(count, grain: 1 << 16) { range in
          for index in range { out[index] = a[index] + b[index] }
        }
      }
    }
  }
}
