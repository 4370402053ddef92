import Layers
import Tensors

/// Halves the resolution of a feature map: four neighbours become one vector, which a linear layer
/// shrinks from four widths to two (Swin Transformer, section 3.1).
struct PatchMerging: Sendable {
  /// Over 4 · width.
  let norm: LayerNorm
  /// 4 · width → 2 · width
  let reduction: Linear

  /// The map is continued with zeros to even sides.
  func callAsFunction(_ map: FeatureMap) -> FeatureMap {
    let channels = map.channels
    let height = (map.height + 1) / 2
    let width = (map.width + 1) / 2
    let merged = Tensor(shape: [height * width, 4 * channels]) { out in
      map.values.read { values in
        Parallel.forEachRange(height, grain: 16) { rows in
          for index in rows.lowerBound * width..<rows.upperBound * width {
            // Upper left, lower left, upper right, lower right.
            for neighbour in 0..<4 {
              let y = index / width * 2 + neighbour % 2
              let x = index % width * 2 + neighbour / 2
              let to = out + (index * 4 + neighbour) * channels
              if y < map.height && x < map.width {
                to.update(from: values + (y * map.width + x) * channels, count: channels)
              } else {
                to.update(repeating: 0, count: channels)
              }
            }
          }
        }
      }
    }
    return FeatureMap(height: height, width: width, values: reduction(norm(merged)))
  }
}
