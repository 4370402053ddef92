import CKernels
public import Checkpoints
public import Tensors

/// Layer normalisation over the last axis, as `torch.nn.LayerNorm`.
public struct LayerNorm: Sendable {
  /// [width]
  public let scale: Tensor
  /// [width]
  public let shift: Tensor
  /// Added to a variance before its root is taken.
  public let epsilon: Float

  /// - Parameters:
  ///   - scale: [channels]
  ///   - shift: [channels]
  ///   - epsilon: added to a variance before its root is taken
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

extension LayerNorm {
  /// Takes `weight` and `bias` [width] from a scope of a checkpoint.
  public init(_ weights: WeightReader, width: Int, epsilon: Float = 1e-5) throws {
    self.init(
      scale: try weights.tensor("weight", shape: [width]),
      shift: try weights.tensor("bias", shape: [width]), epsilon: epsilon)
  }
}

/// Group normalisation of a feature map, as `torch.nn.GroupNorm` on its channels-first twin.
public struct GroupNorm: Sendable {
  /// Of channels that are normalised together.
  public let groups: Int
  /// [channels]
  public let scale: Tensor
  /// [channels]
  public let shift: Tensor
  /// Added to a variance before its root is taken.
  public let epsilon: Float

  /// - Precondition: `groups` divides the number of channels.
  public init(groups: Int, scale: Tensor, shift: Tensor, epsilon: Float = 1e-5) {
    precondition(scale.shape == shift.shape && scale.shape.count == 1 && scale.count % groups == 0)
    self.groups = groups
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
  }

  /// Normalises in place, with ReLU behind where asked for.
  public func apply(to map: inout FeatureMap, relu: Bool = false) {
    precondition(map.channels == scale.count)
    let (factors, offsets) = affine(map)
    let (rows, channels) = (map.positions, map.channels)
    map.values.write { values in
      Parallel.forEachRange(rows, grain: 512) { range in
        let start = values + range.lowerBound * channels
        kernels.scale_shift(start, start, range.count, channels, factors, offsets, relu)
      }
    }
  }

  /// What the normalisation of this map comes to for each channel: y = x · factor + offset.
  private func affine(_ map: FeatureMap) -> (factors: [Float], offsets: [Float]) {
    let channels = map.channels
    let grain = 512
    let pieces = (map.positions + grain - 1) / grain
    // One row of sums and one of squares for every piece, added in order afterwards.
    var partial = [Double](repeating: 0, count: pieces * 2 * channels)
    partial.withUnsafeMutableBufferPointer { partial in
      nonisolated(unsafe) let sums = partial.baseAddress
      map.values.read { values in
        Parallel.forEachRange(map.positions, grain: grain) { range in
          guard let sums else { return }
          let row = sums + range.lowerBound / grain * 2 * channels
          kernels.channel_sums(
            values + range.lowerBound * channels, range.count, channels, row, row + channels)
        }
      }
    }
    let scale = scale.values
    let shift = shift.values
    var factors = [Float](repeating: 0, count: channels)
    var offsets = factors
    let width = channels / groups
    let count = Double(map.positions * width)
    for group in 0..<groups {
      var sum = 0.0
      var square = 0.0
      for piece in 0..<pieces {
        for channel in group * width..<(group + 1) * width {
          sum += partial[piece * 2 * channels + channel]
          square += partial[(piece * 2 + 1) * channels + channel]
        }
      }
      let mean = sum / count
      let variance = max(0, square / count - mean * mean)
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      for channel in group * width..<(group + 1) * width {
        factors[channel] = Float(inverse) * scale[channel]
        offsets[channel] = shift[channel] - Float(mean * inverse) * scale[channel]
      }
    }
    return (factors, offsets)
  }
}
