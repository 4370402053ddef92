import Tensors

/// MobileNetV2's block (arXiv 1801.04381): a 1×1 convolution to more channels, a depthwise one, and a 1×1 one to few, a few
/// rows at a time, so that the many channels never leave a core's cache. What it is given is added where that fits.
public struct InvertedBottleneck: Sendable {
  /// Behind it, and behind the depthwise one, comes a ReLU.
  public let expand: PackedLinear
  public let depthwise: DepthwiseConvolution
  public let project: PackedLinear
  public var outputs: Int { project.outputs }
  private var isResidual: Bool { depthwise.stride == 1 && expand.inputs == outputs }

  /// - Precondition: each is of as many channels as the one before makes.
  public init(expand: PackedLinear, depthwise: DepthwiseConvolution, project: PackedLinear) {
    precondition(expand.outputs == depthwise.channels && depthwise.channels == project.inputs)
    self.expand = expand
    self.depthwise = depthwise
    self.project = project
  }

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
