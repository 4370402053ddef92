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
