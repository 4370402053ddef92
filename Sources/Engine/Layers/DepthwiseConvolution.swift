import CKernels
public import Tensors

/// A convolution of every channel by itself on a channels-last map with zeros beyond its edges, as `torch.nn.Conv2d` with
/// as many groups as channels.
public struct DepthwiseConvolution: Sendable {
  /// [size · size, channels]
  private let taps: Tensor
  /// [channels]
  private let bias: Tensor?
  /// 3 or 5.
  public let size: Int
  /// 1, or 2 for a map of half the size.
  public let stride: Int
  /// Positions from one tap to the next: 1, or 2.
  public let dilation: Int
  /// Zeros before the first row and column.
  public let padding: Int
  public var channels: Int { taps.shape[1] }

  /// - Parameters:
  ///   - weight: [channels, 1, size, size], as torch keeps it
  ///   - bias: [channels]
  ///   - padding: half of what the taps span, as torch's models have it, where it is not given; TensorFlow's "same"
  ///     has (size - 2) / 2 at a stride of 2 on a map of even sides
  /// - Precondition: a size of 3 or 5; a stride of 1 or 2; a dilation of 1, or of 2 for a size of 5 and a stride of 1.
  public init(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int? = nil, dilation: Int = 1
  ) {
    precondition(weight.shape.count == 4 && weight.shape[1] == 1 && weight.shape[2] == weight.shape[3])
    precondition([3, 5].contains(weight.shape[2]) && [1, 2].contains(stride))
    precondition(dilation == 1 || (dilation == 2 && stride == 1 && weight.shape[2] == 5))
    precondition(padding.map { 0...weight.shape[2] / 2 * dilation ~= $0 } ?? true)
    precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true)
    let (channels, places) = (weight.shape[0], weight.shape[2] * weight.shape[2])
    taps = Tensor(shape: [places, channels]) { to in
      weight.read { from in
        for channel in 0..<channels {
          for place in 0..<places { to[place * channels + channel] = from[channel * places + place] }
        }
      }
    }
    self.bias = bias
    size = weight.shape[2]
    self.stride = stride
    self.dilation = dilation
    self.padding = padding ?? size / 2 * dilation
  }

  /// - Parameter activation: behind the bias
  public func callAsFunction(_ map: FeatureMap, activation: Activation = .none) -> FeatureMap {
    precondition(map.channels == channels)
    let (height, width) = (length(map.height), length(map.width))
    let values = Tensor(shape: [height * width, channels]) { out in
      map.view { view in
        Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
          apply(
            to: view, rows: rows, activation: activation, into: out + rows.lowerBound * width * channels,
            stride: channels)
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }

  /// A side of the result, by that of the map.
  package func length(_ side: Int) -> Int { (side + stride - 1) / stride }

  /// How many neighbouring rows of a map so many neighbouring rows of the result are made of.
  package func reach(of rows: Int) -> Int { (rows - 1) * stride + (size - 1) * dilation + 1 }

  /// The rows of a map of `height` rows that some rows of the result are made of.
  package func sources(of rows: Range<Int>, height: Int) -> Range<Int> {
    let first = rows.lowerBound * stride - padding
    return max(0, first)..<min(height, first + reach(of: rows.count))
  }

  /// Some rows of the result, on the calling thread.
  /// - Parameters:
  ///   - out: of the first of these rows, its positions `stride` apart
  package func apply(
    to map: MapView, rows: Range<Int>, activation: Activation = .none, into out: UnsafeMutablePointer<Float>,
    stride outStride: Int
  ) {
    withValues(of: taps, bias ?? taps) { taps, shift in
      var convolution = ck_depthwise(
        in: map.values, height: map.height, width: map.width, channels: channels, stride: map.stride,
        taps: taps, bias: bias == nil ? nil : shift, size: size, step: stride, dilation: dilation,
        padding: padding, activation: activation.kernel, out: out, out_stride: outStride,
        first_row: rows.lowerBound, last_row: rows.upperBound)
      kernels.depthwise(&convolution)
    }
  }
}
