public import Tensors

/// A convolution of every channel by itself on a channels-last map, as `torch.nn.Conv2d` with as many groups as channels
/// and a padding of half its size.
public struct DepthwiseConvolution: Sendable {
  /// [size · size, channels]
  private let taps: Tensor
  /// [channels]
  private let bias: Tensor?
  /// 3 or 5.
  public let size: Int
  /// 1, or 2 for a map of half the size.
  public let stride: Int
  public var channels: Int { taps.shape[1] }

  /// - Parameters:
  ///   - weight: [channels, 1, size, size], as torch keeps it
  ///   - bias: [channels]
  /// - Precondition: a size of 3 or 5 and a stride of 1 or 2.
  public init(weight: Tensor, bias: Tensor? = nil, stride: Int = 1) {
    precondition(weight.shape.count == 4 && weight.shape[1] == 1 && weight.shape[2] == weight.shape[3])
    precondition([3, 5].contains(weight.shape[2]) && [1, 2].contains(stride))
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

  /// Some rows of the result, on the calling thread.
  /// - Parameters:
  ///   - out: of the first of these rows, its positions `stride` apart
  package func apply(
    to map: MapView, rows: Range<Int>, activation: Activation = .none, into out: UnsafeMutablePointer<Float>,
    stride outStride: Int
  ) {
    withValues(of: taps, bias ?? taps) { taps, shift in
      kernels.depthwise(
        map.values, map.height, map.width, channels, map.stride, taps, bias == nil ? nil : shift, size, stride,
        activation.kernel, out, outStride, rows.lowerBound, rows.upperBound)
    }
  }
}
