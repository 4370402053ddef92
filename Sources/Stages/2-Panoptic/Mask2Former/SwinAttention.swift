import CKernels
import Layers
import Tensors

/// Attention within square windows of a feature map, in every other block within windows shifted by half
/// a window (Swin Transformer, section 3.2), with a learned bias for each relative position.
struct SwinAttention: Sendable {
  let heads: Int
  /// The side of a window, in positions.
  let window: Int
  /// How far the windows are shifted to the right and down; 0 or half a window.
  let shift: Int
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  /// [(2 · window − 1)², heads], by row difference and then column difference of query and key.
  let biasTable: Tensor

  /// map += attention(norm(map)).
  ///
  /// Runs a few windows at a time through the whole of it, so that nothing larger than those windows is
  /// ever stored: windows share no position, hence the map can be changed in place.
  func apply(to map: inout FeatureMap, norm: LayerNorm) {
    let grid = WindowGrid(height: map.height, width: map.width, window: window, shift: shift)
    let bias = relativePositionBias()
    let masks = ShiftMasks(window: window, shift: shift)
    let grain = Parallel.balancedGrain(grid.count, target: max(1, 1024 / grid.positions))
    map.values.write { values in
      Parallel.forEachRange(grid.count, grain: grain) { windows in
        attend(values, windows: windows, grid: grid, norm: norm, bias: bias, masks: masks)
      }
    }
  }

  private func attend(
    _ map: UnsafeMutablePointer<Float>, windows: Range<Int>, grid: WindowGrid, norm: LayerNorm,
    bias: Tensor, masks: ShiftMasks
  ) {
    let width = query.inputs
    let tokens = grid.positions
    let rows = windows.count * tokens
    withScratch(rows * width) { gathered in
      withScratch(rows * width * 3) { projected in
        gather(map, windows: windows, grid: grid, norm: norm, into: gathered)
        for (index, layer) in [query, key, value].enumerated() {
          layer.apply(to: gathered, rows: rows, into: projected + index * rows * width)
        }
        // The gathered tokens are not needed any more; what they attend to takes their place.
        for (index, window) in windows.enumerated() {
          let mask = masks.mask(
            lastRow: window / grid.columns == grid.rows - 1,
            lastColumn: window % grid.columns == grid.columns - 1)
          attendWithin(
            projected + index * tokens * width, rows: rows, tokens: tokens, bias: bias, mask: mask,
            into: gathered + index * tokens * width)
        }
        output.apply(to: gathered, rows: rows, into: projected)
        scatter(projected, windows: windows, grid: grid, into: map)
      }
    }
  }

  /// One window: queries, keys and values [tokens, width] lie `rows · width` apart from `projected` on.
  private func attendWithin(
    _ projected: UnsafePointer<Float>, rows: Int, tokens: Int, bias: Tensor, mask: Tensor?,
    into out: UnsafeMutablePointer<Float>
  ) {
    let width = query.inputs
    let headWidth = width / heads
    let (q, k, v) = (projected, projected + rows * width, projected + 2 * rows * width)
    withScratch(tokens * tokens) { logits in
      bias.read { bias in
        mask.read { mask in
          for head in 0..<heads {
            let column = head * headWidth
            matrixProduct(
              MatrixView(q + column, stride: width), MatrixView(k + column, stride: width),
              transposed: true, rows: tokens, columns: tokens, inner: headWidth, into: logits,
              stride: tokens)
            kernels.softmax(
              logits, tokens, tokens, 1 / Float(headWidth).squareRoot(),
              bias + head * tokens * tokens, mask)
            matrixProduct(
              MatrixView(logits, stride: tokens), MatrixView(v + column, stride: width),
              transposed: false, rows: tokens, columns: headWidth, inner: tokens,
              into: out + column, stride: width)
          }
        }
      }
    }
  }

  /// The normalised tokens of the windows, one window after the other; zeros where a window reaches over
  /// the edge of the map.
  private func gather(
    _ map: UnsafePointer<Float>, windows: Range<Int>, grid: WindowGrid, norm: LayerNorm,
    into out: UnsafeMutablePointer<Float>
  ) {
    let width = query.inputs
    for (index, window) in windows.enumerated() {
      let tokens = out + index * grid.positions * width
      grid.forEachRun(of: window) { run in
        let to = tokens + run.token * width
        norm.apply(to: map + run.position * width, rows: run.inside, into: to)
        (to + run.inside * width).update(repeating: 0, count: (run.count - run.inside) * width)
      }
    }
  }

  /// Adds the windows' tokens to the map.
  private func scatter(
    _ tokens: UnsafePointer<Float>, windows: Range<Int>, grid: WindowGrid,
    into map: UnsafeMutablePointer<Float>
  ) {
    let width = output.outputs
    for (index, window) in windows.enumerated() {
      let from = tokens + index * grid.positions * width
      grid.forEachRun(of: window) { run in
        kernels.bias_activation(
          map + run.position * width, run.inside, width, width, nil, CK_ACTIVATION_NONE,
          from + run.token * width, width)
      }
    }
  }

  /// The bias table spread out over all pairs of positions of a window: [heads, window², window²].
  private func relativePositionBias() -> Tensor {
    let tokens = window * window
    let side = 2 * window - 1
    return Tensor(shape: [heads, tokens, tokens]) { out in
      biasTable.read { table in
        Parallel.forEach(tokens) { query in
          for key in 0..<tokens {
            let down = query / window - key / window + window - 1
            let right = query % window - key % window + window - 1
            let row = table + (down * side + right) * heads
            for head in 0..<heads { out[(head * tokens + query) * tokens + key] = row[head] }
          }
        }
      }
    }
  }
}
