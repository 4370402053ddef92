import Layers
import Tensors

/// One layer of the image encoder: attention, in windows or over the whole picture, and a perceptron.
struct SAMImageLayer: Sendable {
  let attentionNorm: LayerNorm
  let attention: SAMAttention
  let perceptronNorm: LayerNorm
  let expand: Linear
  let contract: Linear

  func callAsFunction(_ map: FeatureMap) -> FeatureMap {
    let x: Tensor
    if attention.side == map.height && attention.side == map.width {
      x = attention(attentionNorm(map.values), residual: map.values)
    } else {
      let windows = SAMWindows(height: map.height, width: map.width, side: attention.side)
      // What lies beyond the edge is zero behind the norm, and attended to like everything else.
      let attended = attention(windows.gathered(attentionNorm(map.values)))
      x = windows.scattered(attended, addedTo: map.values)
    }
    let result = contract(expand(perceptronNorm(x), activation: .gelu), residual: x)
    return FeatureMap(height: map.height, width: map.width, values: result)
  }
}

/// A map cut into windows from the upper left; the last ones reach beyond the edges.
struct SAMWindows {
  let height: Int
  let width: Int
  let side: Int

  private var rows: Int { (height + side - 1) / side }
  private var columns: Int { (width + side - 1) / side }

  /// [height · width, channels] → [windows · side², channels], zero beyond the edges
  func gathered(_ map: Tensor) -> Tensor {
    let channels = map.shape[1]
    return Tensor(shape: [rows * columns * side * side, channels]) { out in
      map.read { map in
        forEachRun { token, position, inside in
          let to = out + token * channels
          to.update(from: map + position * channels, count: inside * channels)
          (to + inside * channels).update(repeating: 0, count: (side - inside) * channels)
        }
      }
    }
  }

  /// [windows · side², channels] back to [height · width, channels], added to what is there.
  func scattered(_ tokens: Tensor, addedTo map: Tensor) -> Tensor {
    let channels = map.shape[1]
    var result = map
    result.write { out in
      tokens.read { tokens in
        forEachRun { token, position, inside in
          let (to, from) = (out + position * channels, tokens + token * channels)
          for index in 0..<inside * channels { to[index] += from[index] }
        }
      }
    }
    return result
  }

  /// Calls `body` for every row of every window: its first token, the position that this is, and how many of its
  /// tokens lie within the map.
  private func forEachRun(_ body: (Int, Int, Int) -> Void) {
    Parallel.forEach(rows * columns) { window in
      let (top, left) = (window / columns * side, window % columns * side)
      for y in 0..<side {
        let token = (window * side + y) * side
        let isInside = top + y < height
        body(
          token, isInside ? (top + y) * width + left : 0, isInside ? min(side, width - left) : 0)
      }
    }
  }
}
