import Tensors

/// A depthwise convolution and a 1×1 one behind it (MobileNets, arXiv 1704.04861), a few rows at a time: what lies
/// between the two never leaves a core's cache.
public struct SeparableConvolution: Sendable {
  public let depthwise: DepthwiseConvolution
  /// [channels] → [outputs]
  public let pointwise: PackedLinear
  /// Behind the depthwise one.
  public let between: Activation
  public var outputs: Int { pointwise.outputs }

  /// - Precondition: both are of as many channels.
  public init(depthwise: DepthwiseConvolution, pointwise: PackedLinear, between: Activation = .none) {
    precondition(depthwise.channels == pointwise.inputs)
    self.depthwise = depthwise
    self.pointwise = pointwise
    self.between = between
  }

  /// - Parameters:
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
