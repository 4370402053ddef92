public import Tensors

/// A picture-shaped grid of feature vectors, channels last, so that a 1×1 convolution is a linear layer
/// and a position's features lie together.
public struct FeatureMap: Sendable {
  public let height: Int
  public let width: Int
  /// [height · width, channels]
  public var values: Tensor

  public var channels: Int { values.shape[1] }
  public var positions: Int { height * width }

  public init(height: Int, width: Int, values: Tensor) {
    precondition(values.shape.count == 2 && values.shape[0] == height * width)
    self.height = height
    self.width = width
    self.values = values
  }

  /// Bilinear interpolation to another size; corners are not aligned, nothing is antialiased (torch's
  /// `interpolate` with `mode="bilinear"`, `align_corners=False`).
  public func resized(height newHeight: Int, width newWidth: Int) -> FeatureMap {
    let values = Tensor(shape: [newHeight * newWidth, channels]) { out in
      resize(into: out, height: newHeight, width: newWidth, adding: false)
    }
    return FeatureMap(height: newHeight, width: newWidth, values: values)
  }

  /// Adds this map, resized bilinearly to the size of `other`, to `other`.
  public func addResized(to other: inout FeatureMap) {
    precondition(other.channels == channels)
    let (height, width) = (other.height, other.width)
    other.values.write { resize(into: $0, height: height, width: width, adding: true) }
  }

  /// One row of this map resized bilinearly to a height and width: `out` [width, channels].
  package func resizeRow(
    _ row: Int, height newHeight: Int, width newWidth: Int, into out: UnsafeMutablePointer<Float>
  ) {
    resizeRows(row..<row + 1, height: newHeight, width: newWidth, into: out)
  }

  /// Some rows of this map resized bilinearly to a height and width, on the calling thread: `out` [rows, width, channels].
  package func resizeRows(
    _ rows: Range<Int>, height newHeight: Int, width newWidth: Int, adding: Bool = false,
    into out: UnsafeMutablePointer<Float>
  ) {
    values.read { values in
      kernels.resize_bilinear(
        values, height, width, channels, out, newHeight, newWidth, rows.lowerBound, rows.upperBound, adding)
    }
  }

  private func resize(
    into out: UnsafeMutablePointer<Float>, height newHeight: Int, width newWidth: Int, adding: Bool
  ) {
    values.read { values in
      Parallel.forEachRange(newHeight, grain: Parallel.balancedGrain(newHeight, target: 16)) { rows in
        kernels.resize_bilinear(
          values, height, width, channels, out + rows.lowerBound * newWidth * channels, newHeight,
          newWidth, rows.lowerBound, rows.upperBound, adding)
      }
    }
  }
}
