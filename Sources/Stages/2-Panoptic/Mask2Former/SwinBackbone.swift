import CKernels
package import Layers
import Tensors

/// Swin Transformer as a pyramid of feature maps (arXiv 2103.14030, figure 3a; transformers'
/// `SwinBackbone`): patches of 4×4 pixels, then four stages of blocks, each at half the resolution and
/// twice the width of the one before.
package struct SwinBackbone: Sendable {
  struct Stage: Sendable {
    let blocks: [SwinBlock]
    /// Applied to what the pyramid takes from this stage, not to what the next one gets.
    let outputNorm: LayerNorm
    /// nil behind the last stage.
    let merging: PatchMerging?
  }

  /// 4 pixels.
  static let patch = 4

  /// [width, 3 · 4 · 4] in torch's order: channel, row, column.
  let embedding: Linear
  let embeddingNorm: LayerNorm
  let stages: [Stage]

  /// - Parameter pixels: [height · width, 3], normalised
  /// - Returns: one map a stage, at 1/4, 1/8, 1/16 and 1/32 of the picture, finest first.
  package func callAsFunction(_ pixels: FeatureMap) -> [FeatureMap] {
    var map = embed(pixels)
    return stages.map { stage in
      for block in stage.blocks { block.apply(to: &map) }
      let output = FeatureMap(
        height: map.height, width: map.width, values: stage.outputNorm(map.values))
      if let merging = stage.merging { map = merging(map) }
      return output
    }
  }

  /// Patches as vectors through a linear layer and a norm; the picture is continued with zeros to whole
  /// patches.
  package func embed(_ pixels: FeatureMap) -> FeatureMap {
    let side = Self.patch
    let height = (pixels.height + side - 1) / side
    let width = (pixels.width + side - 1) / side
    let patches = Tensor(shape: [height * width, 3 * side * side]) { out in
      pixels.values.read { pixels_ in
        Parallel.forEachRange(height, grain: 16) { rows in
          for index in rows.lowerBound * width..<rows.upperBound * width {
            let (top, left) = (index / width * side, index % width * side)
            let to = out + index * 3 * side * side
            for channel in 0..<3 {
              for cell in 0..<side * side {
                let (y, x) = (top + cell / side, left + cell % side)
                let isInside = y < pixels.height && x < pixels.width
                to[channel * side * side + cell] =
                  isInside ? pixels_[(y * pixels.width + x) * 3 + channel] : 0
              }
            }
          }
        }
      }
    }
    return FeatureMap(height: height, width: width, values: embeddingNorm(embedding(patches)))
  }
}

/// One block of the Swin Transformer: windowed attention and a two-layer perceptron, each behind a layer
/// norm and with a shortcut around it (figure 3b of the paper).
struct SwinBlock: Sendable {
  let normBefore: LayerNorm
  let attention: SwinAttention
  let normAfter: LayerNorm
  let expand: Linear
  let contract: Linear

  func apply(to map: inout FeatureMap) {
    attention.apply(to: &map, norm: normBefore)
    applyPerceptron(to: &map)
  }

  /// map += contract(gelu(expand(norm(map)))), some rows at a time, so that the wide middle is never
  /// stored whole.
  private func applyPerceptron(to map: inout FeatureMap) {
    let (rows, width) = (map.positions, map.channels)
    let grain = Parallel.balancedGrain(rows, target: 1024)
    map.values.write { values in
      Parallel.forEachRange(rows, grain: grain) { range in
        let x = values + range.lowerBound * width
        withScratch(range.count * width) { normed in
          withScratch(range.count * expand.outputs) { hidden in
            normAfter.apply(to: x, rows: range.count, into: normed)
            expand.apply(to: normed, rows: range.count, activation: .gelu, into: hidden)
            contract.apply(to: hidden, rows: range.count, accumulate: true, into: x)
          }
        }
      }
    }
  }
}

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

/// Where the windows of a feature map lie: the map is rolled by `shift`, then cut into squares from the
/// upper left; the last ones may reach over its edge.
struct WindowGrid {
  let height: Int
  let width: Int
  let window: Int
  let shift: Int

  var rows: Int { (height + window - 1) / window }
  var columns: Int { (width + window - 1) / window }
  var count: Int { rows * columns }
  /// Positions in a window.
  var positions: Int { window * window }

  /// Neighbouring tokens of a window that are neighbours in the map too.
  struct Run {
    /// The first token, counted within the window.
    var token: Int
    /// The first token's position in the map; meaningless where `inside` is 0.
    var position: Int
    var count: Int
    /// How many of them, from the first on, are within the map.
    var inside: Int
  }

  /// Every token of a window once, in at most two runs a row.
  func forEachRun(of index: Int, _ body: (Run) -> Void) {
    let (paddedHeight, paddedWidth) = (rows * window, columns * window)
    for row in 0..<window {
      let y = (index / columns * window + row + shift) % paddedHeight
      let x = (index % columns * window + shift) % paddedWidth
      let first = min(window, paddedWidth - x)
      body(run(token: row * window, x: x, y: y, count: first))
      if first < window {
        body(run(token: row * window + first, x: 0, y: y, count: window - first))
      }
    }
  }

  private func run(token: Int, x: Int, y: Int, count: Int) -> Run {
    let inside = y < height ? max(0, min(count, width - x)) : 0
    return Run(token: token, position: inside > 0 ? y * width + x : 0, count: count, inside: inside)
  }
}

/// Keeps tokens of a shifted window apart that come from opposite edges of the map.
///
/// Only windows in the last row or column hold such tokens, so there are three masks for any map.
struct ShiftMasks: Sendable {
  private let below: Tensor?
  private let beside: Tensor?
  private let corner: Tensor?

  init(window: Int, shift: Int) {
    guard shift > 0 else {
      (below, beside, corner) = (nil, nil, nil)
      return
    }
    func mask(rows: Bool, columns: Bool) -> Tensor {
      let tokens = window * window
      // Which side of the seam a token lies on, along each axis.
      let sides = (0..<tokens).map { token in
        (rows && token / window >= window - shift ? 2 : 0)
          + (columns && token % window >= window - shift ? 1 : 0)
      }
      // Not −∞: the reference adds −100, and a token's padding may be all that it sees.
      let values = sides.flatMap { query in sides.map { query == $0 ? Float(0) : -100 } }
      return Tensor(values, shape: [tokens, tokens])
    }
    below = mask(rows: true, columns: false)
    beside = mask(rows: false, columns: true)
    corner = mask(rows: true, columns: true)
  }

  /// [window², window²] to add to the logits of a window; nil where every token may see every other.
  func mask(lastRow: Bool, lastColumn: Bool) -> Tensor? {
    switch (lastRow, lastColumn) {
    case (true, true): corner
    case (true, false): below
    case (false, true): beside
    case (false, false): nil
    }
  }
}

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
