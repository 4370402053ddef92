import CKernels
import Layers
package import Tensors

/// Mask2Former's transformer decoder (arXiv 2112.01527, section 3.2; transformers'
/// `Mask2FormerTransformerModule`): learned queries look at one level after the other, each only where its
/// own mask of the layer before says that its segment is.
package struct MaskedAttentionDecoder: Sendable {
  struct Layer: Sendable {
    let crossAttention: MultiHeadAttention
    let crossNorm: LayerNorm
    let selfAttention: MultiHeadAttention
    let selfNorm: LayerNorm
    let expand: Linear
    let contract: Linear
    let finalNorm: LayerNorm

    /// - Parameters:
    ///   - x: [queries, width]
    ///   - positions: [queries, width], learned
    ///   - mask: [queries, positions of the level], 0 or −∞
    func callAsFunction(_ x: Tensor, positions: Tensor, level: Level, mask: Tensor) -> Tensor {
      let crossed = crossNorm(
        crossAttention(
          queries: x + positions, keys: level.keys, values: level.values, mask: mask, residual: x))
      let placed = crossed + positions
      let related = selfNorm(
        selfAttention(queries: placed, keys: placed, values: crossed, residual: crossed))
      return finalNorm(contract(expand(related, activation: .relu), residual: related))
    }
  }

  /// What the queries see of one level, and the mask features at its size.
  struct Level: Sendable {
    let values: Tensor
    /// `values` with the positions added.
    let keys: Tensor
    let maskFeatures: FeatureMap
  }

  package struct Output: Sendable {
    /// [queries, labels + 1]; the last is "no object".
    package let classLogits: Tensor
    /// [queries, mask width]: a query's mask is its product with the mask features of every position.
    package let maskEmbeddings: Tensor
  }

  /// [queries, width]
  let queryFeatures: Tensor
  /// [queries, width]
  let queryPositions: Tensor
  /// Where the pixel decoder's width is not this decoder's; coarsest level first.
  let inputProjections: [Linear]
  /// [levels, width]
  let levelEmbedding: Tensor
  let layers: [Layer]
  let norm: LayerNorm
  let maskEmbedder: [Linear]
  let classPredictor: Linear

  package func callAsFunction(_ pixels: PixelDecoder.Output) -> Output {
    let levels = pixels.levels.enumerated().map { index, map in
      level(map, index: index, maskFeatures: pixels.maskFeatures)
    }
    var x = queryFeatures
    var seen = norm(x)
    for (index, layer) in layers.enumerated() {
      let level = levels[index % levels.count]
      x = layer(
        x, positions: queryPositions, level: level,
        mask: attentionMask(maskEmbeddings(seen), level.maskFeatures))
      seen = norm(x)
    }
    return Output(classLogits: classPredictor(seen), maskEmbeddings: maskEmbeddings(seen))
  }

  /// Mask logits of some queries at every position of a feature map: [positions, embeddings].
  static func maskLogits(_ embeddings: Tensor, _ features: FeatureMap) -> Tensor {
    Linear(weight: embeddings, bias: nil)(features.values)
  }

  private func level(_ map: FeatureMap, index: Int, maskFeatures: FeatureMap) -> Level {
    let projected = inputProjections.isEmpty ? map.values : inputProjections[index](map.values)
    let (rows, width) = (projected.shape[0], projected.shape[1])
    var values = projected
    levelEmbedding.rows(index..<index + 1).read { row in
      values.write { kernels.bias_activation($0, rows, width, width, row, CK_ACTIVATION_NONE, nil, 0) }
    }
    let positions = SinePositionEmbedding.values(
      height: map.height, width: map.width, features: width)
    // A mask at this level's size is the full mask resized. Resizing and the product with an embedding
    // are both linear, so resizing the features once does for every query of every layer.
    return Level(
      values: values, keys: values + positions,
      maskFeatures: maskFeatures.resized(height: map.height, width: map.width))
  }

  private func maskEmbeddings(_ x: Tensor) -> Tensor {
    var x = x
    for (index, layer) in maskEmbedder.enumerated() {
      x = layer(x, activation: index + 1 < maskEmbedder.count ? .relu : .none)
    }
    return x
  }

  /// −∞ where a query's mask is below one half, 0 elsewhere; 0 throughout for a query whose mask is empty,
  /// which would otherwise see nothing at all.
  private func attentionMask(_ embeddings: Tensor, _ features: FeatureMap) -> Tensor {
    // [queries, positions]: features play the layer's weight.
    var mask = Linear(weight: features.values, bias: nil)(embeddings)
    let (queries, positions) = (mask.shape[0], mask.shape[1])
    mask.write { mask in
      Parallel.forEachRange(queries, grain: 8) { rows in
        for query in rows {
          let row = mask + query * positions
          var allowed = 0
          for index in 0..<positions {
            let isForbidden = row[index] < 0
            allowed += isForbidden ? 0 : 1
            row[index] = isForbidden ? -.infinity : 0
          }
          if allowed == 0 { row.update(repeating: 0, count: positions) }
        }
      }
    }
    return mask
  }
}
