import CKernels
public import Tensors

/// A picture-shaped grid of feature vectors, channels last, so that a 1×1 convolution is a linear layer
/// and a position's features lie together.
public struct FeatureMap: Sendable {
  /// Rows of positions.
  public let height: Int
  /// Positions of a row.
  public let width: Int
  /// [height · width, channels]
  public var values: Tensor

  /// Values of a position.
  public var channels: Int { values.shape[1] }
  /// In all.
  public var positions: Int { height * width }

  /// - Parameters:
  ///   - height: rows of positions
  ///   - width: positions of a row
  ///   - values: [height · width, channels]
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

/// A channels-last map somewhere in memory, or some of the channels of one.
package struct MapView {
  package var values: UnsafePointer<Float>
  package var height: Int
  package var width: Int
  /// How far apart two neighbouring positions are.
  package var stride: Int

  package init(_ values: UnsafePointer<Float>, height: Int, width: Int, stride: Int) {
    self.values = values
    self.height = height
    self.width = width
    self.stride = stride
  }

  /// Rows of a map that are done together: what a few layers make of them stays in a core's cache, and two cores
  /// have as much to do each.
  package static func grain(height: Int, width: Int) -> Int {
    Parallel.balancedGrain(height, target: max(1, min((height + 1) / 2, 384 / max(width, 1))))
  }
}

extension FeatureMap {
  /// Lends the values.
  package func view<Result>(_ body: (MapView) throws -> Result) rethrows -> Result {
    try values.read { try body(MapView($0, height: height, width: width, stride: channels)) }
  }
}

extension FeatureMap {
  /// Bicubic interpolation to another size, as torch's `interpolate` with `mode="bicubic"` and
  /// `align_corners=False`: Keys' kernel with a = −0.75, the edge repeated, nothing antialiased.
  public func resizedBicubic(height newHeight: Int, width newWidth: Int) -> FeatureMap {
    precondition(newHeight > 0 && newWidth > 0)
    let rows = CubicTaps(from: height, to: newHeight)
    let columns = CubicTaps(from: width, to: newWidth)
    let channels = channels
    let resized = Tensor(shape: [newHeight * newWidth, channels]) { out in
      values.read { values in
        Parallel.forEachRange(newHeight, grain: 4) { range in
          for y in range {
            for x in 0..<newWidth {
              let to = out + (y * newWidth + x) * channels
              to.update(repeating: 0, count: channels)
              for i in 0..<4 {
                for j in 0..<4 {
                  let weight = rows.weights[y][i] * columns.weights[x][j]
                  let from = values + (rows.indices[y][i] * width + columns.indices[x][j]) * channels
                  for channel in 0..<channels { to[channel] += weight * from[channel] }
                }
              }
            }
          }
        }
      }
    }
    return FeatureMap(height: newHeight, width: newWidth, values: resized)
  }
}

/// The four positions that make up each new one, along one axis, and their weights.
private struct CubicTaps {
  var indices: [SIMD4<Int>] = []
  var weights: [SIMD4<Float>] = []

  init(from: Int, to: Int) {
    // In single precision, as torch does it.
    let scale = Float(from) / Float(to)
    for index in 0..<to {
      let position = scale * (Float(index) + 0.5) - 0.5
      let low = position.rounded(.down)
      let t = position - low
      var taps = SIMD4<Int>()
      for tap in 0..<4 { taps[tap] = min(max(Int(low) - 1 + tap, 0), from - 1) }
      indices.append(taps)
      weights.append(
        SIMD4(Self.outer(t + 1), Self.inner(t), Self.inner(1 - t), Self.outer(2 - t)))
    }
  }

  private static let a: Float = -0.75

  /// Keys' kernel for distances up to 1.
  private static func inner(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }

  /// For distances from 1 to 2.
  private static func outer(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
}

extension FeatureMap {
  /// Half the size, rounded up: of 3×3 positions around every second one the largest value, channel by channel (torch's
  /// `max_pool2d` with a kernel of 3, a stride of 2 and a padding of 1).
  public func maxPooled() -> FeatureMap {
    let (newHeight, newWidth) = ((height + 1) / 2, (width + 1) / 2)
    let pooled = Tensor(shape: [newHeight * newWidth, channels]) { out in
      values.read { values in
        Parallel.forEachRange(newHeight, grain: MapView.grain(height: newHeight, width: newWidth)) { rows in
          kernels.max_pool(
            values, height, width, channels, out + rows.lowerBound * newWidth * channels, rows.lowerBound,
            rows.upperBound)
        }
      }
    }
    return FeatureMap(height: newHeight, width: newWidth, values: pooled)
  }

  /// The channels of two maps of one size, one's behind the other's.
  public static func joined(_ a: FeatureMap, _ b: FeatureMap) -> FeatureMap {
    precondition(a.height == b.height && a.width == b.width)
    let channels = a.channels + b.channels
    let values = Tensor(shape: [a.positions, channels]) { out in
      withValues(of: a.values, b.values) { first, second in
        Parallel.forEachRange(a.positions, grain: 512) { positions in
          for position in positions {
            let to = out + position * channels
            to.update(from: first + position * a.channels, count: a.channels)
            (to + a.channels).update(from: second + position * b.channels, count: b.channels)
          }
        }
      }
    }
    return FeatureMap(height: a.height, width: a.width, values: values)
  }

  /// Bilinear samples at places of the map, zero beyond its edge (torch's `grid_sample` with `align_corners=False`), on
  /// the calling thread: deformable attention with one head, one level, and one point that is not moved.
  /// - Parameters:
  ///   - places: x and y of each, as fractions of width and height
  ///   - out: [places, channels]
  package func sample(_ places: [Float], into out: UnsafeMutablePointer<Float>) {
    let count = places.count / 2
    let still = [Float](repeating: 0, count: 2 * count)
    let whole = [Float](repeating: 1, count: count)
    var level = ck_level(start: 0, height: height, width: width)
    values.read { values in
      kernels.deformable_attention(&level, 1, 1, 1, channels, values, places, still, whole, out, count)
    }
  }
}
