public import Tensors

/// A 3×3 convolution with stride 1, padding 1 and no bias, on a channels-last map.
///
/// Done as nine matrix products of shifted rows of the padded map, added up: nothing is unrolled into
/// patches, and each product reads rows as they lie.
public struct Convolution3x3: Sendable {
  /// [9, outputs, inputs], tap by tap from the upper left.
  private let taps: Tensor
  public var inputs: Int { taps.shape[2] }
  public var outputs: Int { taps.shape[1] }

  /// - Parameter weight: [outputs, inputs, 3, 3], as torch keeps it.
  public init(weight: Tensor) {
    precondition(weight.shape.count == 4 && weight.shape[2...] == [3, 3])
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    taps = Tensor(shape: [9, outputs, inputs]) { to in
      weight.read { from in
        for pair in 0..<outputs * inputs {
          for tap in 0..<9 { to[tap * outputs * inputs + pair] = from[pair * 9 + tap] }
        }
      }
    }
  }

  public func callAsFunction(_ map: FeatureMap) -> FeatureMap {
    precondition(map.channels == inputs)
    let (height, width) = (map.height, map.width)
    let padded = padded(map)
    let values = Tensor(shape: [height * width, outputs]) { out in
      withValues(of: padded, taps) { padded, taps in
        Parallel.forEach(height) { y in
          for tap in 0..<9 {
            let corner = (y + tap / 3) * (width + 2) + tap % 3
            matrixProduct(
              MatrixView(padded + corner * inputs, stride: inputs),
              MatrixView(taps + tap * outputs * inputs, stride: inputs), transposed: true,
              rows: width, columns: outputs, inner: inputs, accumulate: tap > 0,
              into: out + y * width * outputs, stride: outputs)
          }
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }

  /// The map with a border of zeros: [(height + 2) · (width + 2), inputs].
  private func padded(_ map: FeatureMap) -> Tensor {
    let (height, width) = (map.height, map.width)
    let row = (width + 2) * inputs
    return Tensor(shape: [(height + 2) * (width + 2), inputs]) { out in
      map.values.read { values in
        out.update(repeating: 0, count: row)
        (out + (height + 1) * row).update(repeating: 0, count: row)
        Parallel.forEachRange(height, grain: 32) { rows in
          for y in rows {
            let to = out + (y + 1) * row
            to.update(repeating: 0, count: inputs)
            (to + inputs).update(from: values + y * width * inputs, count: width * inputs)
            (to + (width + 1) * inputs).update(repeating: 0, count: inputs)
          }
        }
      }
    }
  }
}
