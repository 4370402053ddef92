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
  /// Of the map that goes in, and of that which comes out.
  public var channels: Int { taps.shape[1] }

  /// - Parameters:
  ///   - weight: [channels, 1, size, size], as torch keeps it
  ///   - bias: [channels]
  ///   - stride: 1, or 2 for a map of half the size
  ///   - padding: half of what the taps span, as torch's models have it, where it is not given; TensorFlow's "same"
  ///     has (size - 2) / 2 at a stride of 2 on a map of even sides
  ///   - dilation: positions from one tap to the next
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

  /// - Parameters:
  ///   - map: of as many channels as the weight
  ///   - activation: behind the bias
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

/// A depthwise convolution and a 1×1 one behind it (MobileNets, arXiv 1704.04861), a few rows at a time: what lies
/// between the two never leaves a core's cache.
public struct SeparableConvolution: Sendable {
  /// Each channel by itself.
  public let depthwise: DepthwiseConvolution
  /// [channels] → [outputs]
  public let pointwise: PackedLinear
  /// Behind the depthwise one.
  public let between: Activation
  /// Channels of the map that comes out.
  public var outputs: Int { pointwise.outputs }

  /// - Precondition: both are of as many channels.
  public init(depthwise: DepthwiseConvolution, pointwise: PackedLinear, between: Activation = .none) {
    precondition(depthwise.channels == pointwise.inputs)
    self.depthwise = depthwise
    self.pointwise = pointwise
    self.between = between
  }

  /// - Parameters:
  ///   - map: of as many channels as the depthwise convolution
  ///   - activation: behind the 1×1 convolution
  ///   - residual: of the result's size, added behind the activation
  public func callAsFunction(
    _ map: FeatureMap, activation: Activation = .none, residual: FeatureMap? = nil
  ) -> FeatureMap {
    precondition(map.channels == pointwise.inputs)
    let (height, width) = (depthwise.length(map.height), depthwise.length(map.width))
    precondition(residual.map { $0.height == height && $0.width == width && $0.channels == outputs } ?? true)
    let values = Tensor(shape: [height * width, outputs]) { out in
      map.view { view in
        (residual?.values).read { residual in
          Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
            let first = rows.lowerBound * width * outputs
            apply(
              to: view, rows: rows, activation: activation, residual: residual.map { $0 + first },
              into: out + first, stride: outputs)
          }
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }

  /// Some rows of the result, on the calling thread.
  /// - Parameters:
  ///   - accumulate: whether what is in `out` is added before the activation
  ///   - residual: added behind the activation, its positions as far apart as those of `out`
  ///   - out: of the first of these rows, its positions `stride` apart
  package func apply(
    to map: MapView, rows: Range<Int>, activation: Activation = .none, accumulate: Bool = false,
    residual: UnsafePointer<Float>? = nil, into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let positions = rows.count * depthwise.length(map.width)
    withScratch(positions * depthwise.channels) { seen in
      depthwise.apply(to: map, rows: rows, activation: between, into: seen, stride: depthwise.channels)
      pointwise.apply(
        to: MatrixView(seen, stride: depthwise.channels), rows: positions, activation: activation,
        accumulate: accumulate, residual: residual, into: out, stride: stride)
    }
  }
}

/// MobileNetV2's block (arXiv 1801.04381): a 1×1 convolution to more channels, a depthwise one, and a 1×1 one to few, a few
/// rows at a time, so that the many channels never leave a core's cache. What it is given is added where that fits.
public struct InvertedBottleneck: Sendable {
  /// Behind it, and behind the depthwise one, comes a ReLU.
  public let expand: PackedLinear
  /// Each channel by itself.
  public let depthwise: DepthwiseConvolution
  /// From the inner channels to the outputs.
  public let project: PackedLinear
  /// Channels of the map that comes out.
  public var outputs: Int { project.outputs }
  private var isResidual: Bool { depthwise.stride == 1 && expand.inputs == outputs }

  /// - Precondition: each is of as many channels as the one before makes.
  public init(expand: PackedLinear, depthwise: DepthwiseConvolution, project: PackedLinear) {
    precondition(expand.outputs == depthwise.channels && depthwise.channels == project.inputs)
    self.expand = expand
    self.depthwise = depthwise
    self.project = project
  }

  /// The whole block.
  public func callAsFunction(_ map: FeatureMap) -> FeatureMap { result(of: map, keeping: nil) }

  /// The result, and what is projected to it, which has the result's size.
  public func withInner(_ map: FeatureMap) -> (result: FeatureMap, inner: FeatureMap) {
    let (height, width) = (depthwise.length(map.height), depthwise.length(map.width))
    var result = map
    let inner = Tensor(shape: [height * width, depthwise.channels]) {
      result = self.result(of: map, keeping: $0)
    }
    return (result, FeatureMap(height: height, width: width, values: inner))
  }

  private func result(of map: FeatureMap, keeping inner: UnsafeMutablePointer<Float>?) -> FeatureMap {
    precondition(map.channels == expand.inputs)
    let (height, width) = (depthwise.length(map.height), depthwise.length(map.width))
    // Rows at the borders of two bands are expanded twice, so that there are no more of these than threads. A value is
    // computed in the same way in whichever band.
    let grain = max(Self.fewest, (height + Parallel.threads - 1) / Parallel.threads)
    let values = Tensor(shape: [height * width, outputs]) { out in
      map.view { map in
        Parallel.forEachRange(height, grain: grain) { band in
          let first = band.lowerBound * width
          apply(
            to: map, rows: band, keeping: inner.map { $0 + first * depthwise.channels },
            into: out + first * outputs)
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }

  /// Rows of a band: with fewer, more would be expanded twice than are saved.
  private static let fewest = 8
  /// Values that are expanded at once, and stay in a core's cache.
  private static let cached = 1 << 16

  /// A band of rows of the result, on the calling thread. Expanded rows that the next few are made of too are kept.
  private func apply(
    to map: MapView, rows band: Range<Int>, keeping inner: UnsafeMutablePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) {
    let (channels, width) = (depthwise.channels, depthwise.length(map.width))
    let row = map.width * channels
    let step = min(band.count, max(1, Self.cached / (depthwise.stride * row)))
    withScratch(depthwise.reach(of: step) * row) { expanded in
      withScratch(inner == nil ? step * width * channels : 0) { scratch in
        var there = 0..<0
        for first in stride(from: band.lowerBound, to: band.upperBound, by: step) {
          let rows = first..<min(first + step, band.upperBound)
          let sources = depthwise.sources(of: rows, height: map.height)
          let kept = max(0, there.upperBound - sources.lowerBound)
          if kept > 0 {
            expanded.update(
              from: expanded + (sources.lowerBound - there.lowerBound) * row, count: kept * row)
          }
          expand.apply(
            to: MatrixView(
              map.values + (sources.lowerBound + kept) * map.width * map.stride, stride: map.stride),
            rows: (sources.count - kept) * map.width, activation: .relu, into: expanded + kept * row,
            stride: channels)
          there = sources
          let done = (first - band.lowerBound) * width
          let convolved = inner.map { $0 + done * channels } ?? scratch
          depthwise.apply(
            to: MapView(
              expanded - sources.lowerBound * row, height: map.height, width: map.width, stride: channels),
            rows: rows, activation: .relu, into: convolved, stride: channels)
          project.apply(
            to: MatrixView(convolved, stride: channels), rows: rows.count * width,
            residual: isResidual ? map.values + first * width * map.stride : nil, into: out + done * outputs,
            stride: outputs)
        }
      }
    }
  }
}
