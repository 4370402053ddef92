import CKernels
import Layers
import Tensors

/// One layer of the pixel decoder's encoder: every position of every level gathers a few learned samples
/// from all levels, then passes a two-layer perceptron (Deformable DETR, section 4.1; norms behind).
struct DeformableEncoderLayer: Sendable {
  /// Samples a query takes from each level.
  static let points = 4

  let heads: Int
  let samplingOffsets: Linear
  let attentionWeights: Linear
  let value: Linear
  let output: Linear
  let attentionNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let finalNorm: LayerNorm

  /// - Parameters:
  ///   - x: [positions of all levels, width]
  ///   - positions: the same shape, added to what offsets and weights are computed from
  ///   - references: [positions, 2], where each query lies, x and y as fractions of the picture
  ///   - levels: where each level starts in `x`, and its size
  func callAsFunction(
    _ x: Tensor, positions: Tensor, references: Tensor, levels: [ck_level]
  ) -> Tensor {
    let queries = x + positions
    let values = value(x)
    let offsets = samplingOffsets(queries)
    var weights = attentionWeights(queries)
    let samples = levels.count * Self.points
    let (count, width) = (x.shape[0], x.shape[1])
    weights.write { weights in
      Parallel.forEachRange(count * heads, grain: 4096) { rows in
        kernels.softmax(weights + rows.lowerBound * samples, rows.count, samples, 1, nil, nil)
      }
    }
    let sampled = Tensor(shape: [count, width]) { out in
      withValues(of: values, references) { values, references in
        withValues(of: offsets, weights) { offsets, weights in
          Parallel.forEachRange(count, grain: 256) { rows in
            let first = rows.lowerBound
            kernels.deformable_attention(
              levels, levels.count, Self.points, heads, width / heads, values,
              references + first * 2, offsets + first * heads * samples * 2,
              weights + first * heads * samples, out + first * width, rows.count)
          }
        }
      }
    }
    let attended = attentionNorm(output(sampled, residual: x))
    return finalNorm(contract(expand(attended, activation: .relu), residual: attended))
  }
}
