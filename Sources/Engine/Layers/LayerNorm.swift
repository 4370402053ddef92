import CKernels
public import Tensors

/// Layer normalisation over the last axis, as `torch.nn.LayerNorm`.
public struct LayerNorm: Sendable {
  /// [width]
  public let scale: Tensor
  /// [width]
  public let shift: Tensor
  public let epsilon: Float

  public init(scale: Tensor, shift: Tensor, epsilon: Float) {
    precondition(scale.shape == shift.shape && scale.shape.count == 1)
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
  }

  /// x […, width] → […, width]
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let width = scale.count
    precondition(x.shape.last == width)
    let rows = x.count / width
    return Tensor(shape: x.shape) { out in
      x.read { x in
        Parallel.forEachRange(rows, grain: 512) { range in
          let start = range.lowerBound * width
          apply(to: x + start, rows: range.count, into: out + start)
        }
      }
    }
  }

  /// Rows somewhere in memory, on the calling thread; `out` may be `x`.
  package func apply(
    to x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>
  ) {
    withValues(of: scale, shift) { scale, shift in
      kernels.layer_norm(x, out, rows, self.scale.count, scale, shift, epsilon)
    }
  }
}
