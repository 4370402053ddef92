import CKernels
public import Layers
import Tensors

/// SAM's image encoder: a vision transformer of windows (ViTDet, arXiv 2203.16527), and a neck of two convolutions.
public struct SAMImageEncoder: Sendable {
  /// Its sizes.
  public let configuration: SAMConfiguration.ImageEncoder
  let patches: PatchEmbedding
  /// [gridSide², width]
  let positions: Tensor
  let layers: [SAMImageLayer]
  let neckProjection: Linear
  let neckNorm: LayerNorm
  let neckConvolution: Convolution3x3
  let outputNorm: LayerNorm

  /// The features that the mask decoder draws on: `gridSide` positions a side.
  /// - Parameter pixels: `imageSide` × `imageSide`, 3 channels, normalised
  public func callAsFunction(_ pixels: FeatureMap) -> FeatureMap {
    precondition(pixels.height == configuration.imageSide && pixels.width == configuration.imageSide)
    var map = patches(pixels)
    map.values = map.values + positions
    for layer in layers { map = layer(map) }
    let narrow = FeatureMap(
      height: map.height, width: map.width, values: neckNorm(neckProjection(map.values)))
    var features = neckConvolution(narrow)
    features.values = outputNorm(features.values)
    return features
  }
}

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

/// Attention within square windows of tokens, with a learned bias for every difference of rows and of columns between
/// query and key that depends on the query (decomposed relative positions, MViTv2, arXiv 2112.01526, section 4.1).
struct SAMAttention: Sendable {
  let heads: Int
  /// Queries, keys and values below each other.
  let input: Linear
  let output: Linear
  /// Of a window, in tokens.
  let side: Int
  /// Row differences, then column differences, from the largest down, so that a query's keys find theirs in order:
  /// [2 · (2 · side − 1), head width]
  let differences: Tensor

  /// - Parameters:
  ///   - rows: by how far the query's row is below the key's, from 1 − side up; [2 · side − 1, head width]
  ///   - columns: likewise
  init(heads: Int, input: Linear, output: Linear, side: Int, rows: Tensor, columns: Tensor) {
    self.heads = heads
    self.input = input
    self.output = output
    self.side = side
    let (count, width) = (2 * side - 1, rows.shape[1])
    differences = Tensor(shape: [2 * count, width]) { out in
      withValues(of: rows, columns) { rows, columns in
        for index in 0..<count {
          (out + index * width).update(from: rows + (count - 1 - index) * width, count: width)
          (out + (count + index) * width).update(
            from: columns + (count - 1 - index) * width, count: width)
        }
      }
    }
  }

  /// x [windows · side², width], one window after the other → the same shape
  func callAsFunction(_ x: Tensor, residual: Tensor? = nil) -> Tensor {
    let tokens = side * side
    let windows = x.shape[0] / tokens
    let width = input.outputs / 3
    let projected = input(x)
    // Whole rows of queries, few enough that their logits stay in the cache.
    let queryRows = max(1, min(side, (1 << 18) / (tokens * side)))
    let pieces = (side + queryRows - 1) / queryRows
    let attended = Tensor(shape: [x.shape[0], width]) { out in
      projected.read { projected in
        Parallel.forEach(windows * heads * pieces) { index in
          let first = index % pieces * queryRows
          let window = index / pieces / heads
          let head = index / pieces % heads
          attend(
            projected + window * tokens * 3 * width, head: head, rows: first..<min(side, first + queryRows),
            width: width, into: out + window * tokens * width)
        }
      }
    }
    return output(attended, residual: residual)
  }

  /// Some rows of one window's queries, in one head.
  private func attend(
    _ projected: UnsafePointer<Float>, head: Int, rows: Range<Int>, width: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let tokens = side * side
    let headWidth = width / heads
    let count = rows.count * side
    let query = projected + rows.lowerBound * side * 3 * width + head * headWidth
    let key = projected + width + head * headWidth
    let value = projected + 2 * width + head * headWidth
    let span = 2 * side - 1
    withScratch(count * (tokens + 2 * span)) { logits in
      let biases = logits + count * tokens
      differences.read {
        matrixProduct(
          MatrixView(query, stride: 3 * width), MatrixView($0, stride: headWidth), transposed: true,
          rows: count, columns: 2 * span, inner: headWidth, into: biases, stride: 2 * span)
      }
      for index in 0..<count {
        let (row, column) = (rows.lowerBound + index / side, index % side)
        kernels.outer_sum(
          biases + index * 2 * span + side - 1 - row, side,
          biases + index * 2 * span + span + side - 1 - column, side, logits + index * tokens)
      }
      matrixProduct(
        MatrixView(query, stride: 3 * width), MatrixView(key, stride: 3 * width), transposed: true,
        rows: count, columns: tokens, inner: headWidth, alpha: 1 / Float(headWidth).squareRoot(),
        accumulate: true, into: logits, stride: tokens)
      kernels.softmax(logits, count, tokens, 1, nil, nil)
      matrixProduct(
        MatrixView(logits, stride: tokens), MatrixView(value, stride: 3 * width), transposed: false,
        rows: count, columns: headWidth, inner: tokens,
        into: out + rows.lowerBound * side * width + head * headWidth, stride: width)
    }
  }
}
