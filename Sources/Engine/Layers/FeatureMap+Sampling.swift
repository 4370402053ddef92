import CKernels
import Tensors

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
