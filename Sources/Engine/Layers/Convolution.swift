import CKernels
public import Tensors

/// A 3×3 convolution on a channels-last map with zeros beyond its edges, as `torch.nn.Conv2d`.
///
/// A few positions at a time, what each of them sees is laid out in a row, and the rows go through one matrix
/// product: in a padded map with its channels last these are three stretches of memory for every position.
public struct Convolution3x3: Sendable {
  /// [outputs, 9 · inputs], tap by tap from the upper left.
  private let taps: Tensor
  /// The same with the bias, where they are few.
  private let packed: PackedLinear?
  /// The taps for oneDNN, where the precision that was current at loading asks for it.
  private let packedTaps: PackedWeights?
  /// [outputs]
  private let bias: Tensor?
  /// 1, or 2 for a map of half the size.
  public let stride: Int
  /// Zeros before the first row and column: 1, or none.
  public let padding: Int
  /// Channels of the map that goes in.
  public var inputs: Int { taps.shape[1] / 9 }
  /// Channels of the map that comes out.
  public var outputs: Int { taps.shape[0] }

  /// - Parameters:
  ///   - weight: [outputs, inputs, 3, 3], as torch keeps it
  ///   - bias: [outputs]
  ///   - stride: 1, or 2 for a map of half the size
  ///   - padding: 1 as torch's models have it, or 0 as TensorFlow's "same" at a stride of 2 on maps of even sides
  public init(weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 1) {
    precondition(weight.shape.count == 4 && weight.shape[2...] == [3, 3] && stride > 0)
    precondition(padding == 1 || (padding == 0 && stride == 2))
    precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true)
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    taps = Tensor(shape: [outputs, 9 * inputs]) { to in
      weight.read { from in
        for output in 0..<outputs {
          for input in 0..<inputs {
            for tap in 0..<9 {
              to[(output * 9 + tap) * inputs + input] = from[(output * inputs + input) * 9 + tap]
            }
          }
        }
      }
    }
    packed = inputs * outputs <= Self.few ? PackedLinear(weight: taps, bias: bias) : nil
    packedTaps =
      packed == nil
      ? PackedWeights(outputs: outputs, inputs: 9 * inputs) { [taps] body in taps.read { body($0) } } : nil
    self.bias = bias
    self.stride = stride
    self.padding = padding
  }

  /// Taps of which a packed matrix stays in a core's cache.
  private static let few = 1 << 13

  /// - Parameters:
  ///   - map: of `inputs` channels; without padding, of even sides
  ///   - activation: behind all else
  ///   - residual: of the result's size, added before the activation
  public func callAsFunction(
    _ map: FeatureMap, activation: Activation = .none, residual: FeatureMap? = nil
  ) -> FeatureMap {
    precondition(map.channels == inputs)
    precondition(padding == 1 || (map.height % 2 == 0 && map.width % 2 == 0))
    let (height, width) = ((map.height + stride - 1) / stride, (map.width + stride - 1) / stride)
    precondition(residual.map { $0.height == height && $0.width == width && $0.channels == outputs } ?? true)
    let padded = padded(map)
    let row = 9 * inputs
    // Rows of patches that stay in a core's cache.
    let grain = Parallel.balancedGrain(height * width, target: max(32, min(512, (1 << 16) / row)))
    let values = Tensor(shape: [height * width, outputs]) { out in
      withValues(of: padded, taps) { padded, taps in
        Parallel.forEachRange(height * width, grain: grain) { range in
          let tile = out + range.lowerBound * outputs
          residual?.values.read {
            tile.update(from: $0 + range.lowerBound * outputs, count: range.count * outputs)
          }
          withScratch(range.count * row) { patches in
            gather(range, width: width, from: padded, rowLength: map.width + 2, into: patches)
            if let packed {
              return packed.apply(
                to: MatrixView(patches, stride: row), rows: range.count, activation: activation,
                accumulate: residual != nil, into: tile, stride: outputs)
            }
            let isDone =
              packedTaps?.multiply(patches, rows: range.count, accumulate: residual != nil, into: tile) ?? false
            if !isDone {
              matrixProduct(
                MatrixView(patches, stride: row), MatrixView(taps, stride: row), transposed: true,
                rows: range.count, columns: outputs, inner: row, accumulate: residual != nil, into: tile,
                stride: outputs)
            }
            guard bias != nil || activation != .none else { return }
            bias.read {
              kernels.bias_activation(tile, range.count, outputs, outputs, $0, activation.kernel, nil, 0)
            }
          }
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }

  /// What some positions of the result see, [positions, 9 · inputs].
  private func gather(
    _ positions: Range<Int>, width: Int, from padded: UnsafePointer<Float>, rowLength: Int,
    into patches: UnsafeMutablePointer<Float>
  ) {
    var to = patches
    for position in positions {
      let (row, column) = (position / width * stride + 1 - padding, position % width * stride + 1 - padding)
      let corner = padded + (row * rowLength + column) * inputs
      for y in 0..<3 {
        to.update(from: corner + y * rowLength * inputs, count: 3 * inputs)
        to += 3 * inputs
      }
    }
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

/// Doubles a map's sides: every position becomes a square of four by a matrix each, as `torch.nn.ConvTranspose2d` with
/// a kernel and a stride of 2.
public struct TransposedConvolution2x2: Sendable {
  /// To the four positions one after the other, row by row: [inputs] → [4 · outputs]
  private let linear: Linear

  /// Channels of the map that goes in.
  public var inputs: Int { linear.inputs }
  /// Channels of the map that comes out.
  public var outputs: Int { linear.outputs / 4 }

  /// - Parameters:
  ///   - weight: [inputs, outputs, 2, 2], as torch keeps it
  ///   - bias: [outputs]
  public init(weight: Tensor, bias: Tensor) {
    precondition(weight.shape.count == 4 && weight.shape[2...] == [2, 2])
    let (inputs, outputs) = (weight.shape[0], weight.shape[1])
    precondition(bias.shape == [outputs])
    let matrix = Tensor(shape: [4 * outputs, inputs]) { to in
      weight.read { from in
        for input in 0..<inputs {
          for output in 0..<outputs {
            for place in 0..<4 {
              to[(place * outputs + output) * inputs + input] = from[(input * outputs + output) * 4 + place]
            }
          }
        }
      }
    }
    let values = bias.values
    linear = Linear(
      weight: matrix, bias: Tensor(values + values + values + values, shape: [4 * outputs]))
  }

  /// A map of twice the height and width.
  public func callAsFunction(_ map: FeatureMap, activation: Activation = .none) -> FeatureMap {
    let (height, width, outputs) = (map.height, map.width, outputs)
    let squares = linear(map.values, activation: activation)
    let values = Tensor(shape: [4 * height * width, outputs]) { out in
      squares.read { squares in
        Parallel.forEachRange(height, grain: 8) { rows in
          for y in rows {
            for x in 0..<width {
              let from = squares + (y * width + x) * 4 * outputs
              let to = out + (2 * y * 2 * width + 2 * x) * outputs
              // Two neighbours, and the two below them.
              to.update(from: from, count: 2 * outputs)
              (to + 2 * width * outputs).update(from: from + 2 * outputs, count: 2 * outputs)
            }
          }
        }
      }
    }
    return FeatureMap(height: 2 * height, width: 2 * width, values: values)
  }
}

/// Cuts a picture into square patches and makes a vector of each: a convolution whose stride is its size.
public struct PatchEmbedding: Sendable {
  /// The side of a patch in pixels.
  public let patch: Int
  private let linear: Linear

  /// Channels of a token.
  public var width: Int { linear.outputs }

  /// - Parameters:
  ///   - weight: [width, channels, patch, patch], as torch keeps it
  ///   - bias: [width]
  public init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 4 && weight.shape[2] == weight.shape[3])
    patch = weight.shape[2]
    linear = Linear(
      weight: weight.reshaped([weight.shape[0], weight.shape.dropFirst().reduce(1, *)]), bias: bias)
  }

  /// The vectors of the patches, row by row; pixels beyond the last whole patch are left out.
  /// - Precondition: the picture has as many channels as the weight, and at least one patch.
  public func callAsFunction(_ picture: FeatureMap) -> FeatureMap {
    let (rows, columns) = (picture.height / patch, picture.width / patch)
    let channels = picture.channels
    precondition(linear.inputs == channels * patch * patch && rows > 0 && columns > 0)
    // Channel by channel, as the weight is: [rows · columns, channels · patch²]
    let patches = Tensor(shape: [rows * columns, linear.inputs]) { out in
      picture.values.read { pixels in
        Parallel.forEachRange(rows, grain: 4) { range in
          for row in range {
            for column in 0..<columns {
              var to = out + (row * columns + column) * linear.inputs
              for channel in 0..<channels {
                for y in 0..<patch {
                  let from =
                    pixels + ((row * patch + y) * picture.width + column * patch) * channels + channel
                  for x in 0..<patch { to[x] = from[x * channels] }
                  to += patch
                }
              }
            }
          }
        }
      }
    }
    return FeatureMap(height: rows, width: columns, values: linear(patches))
  }
}
