import Tensors

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
