import CKernels
import Foundation
package import Layers
import Tensors

/// Mask2Former's pixel decoder (arXiv 2112.01527, section 3.2.1; transformers' `Mask2FormerPixelDecoder`):
/// the three coarse levels of the backbone exchange information by multi-scale deformable attention, then
/// the finest level is brought in as in a feature pyramid network.
package struct PixelDecoder: Sendable {
  package struct Output: Sendable {
    /// At 1/32, 1/16 and 1/8 of the picture: coarsest first.
    package let levels: [FeatureMap]
    /// At 1/4 of the picture.
    package let maskFeatures: FeatureMap
  }

  struct Projection: Sendable {
    let linear: Linear
    let norm: GroupNorm

    func callAsFunction(_ map: FeatureMap) -> FeatureMap {
      var result = FeatureMap(height: map.height, width: map.width, values: linear(map.values))
      norm.apply(to: &result)
      return result
    }
  }

  /// For the coarsest level first.
  let inputProjections: [Projection]
  /// [levels, width]
  let levelEmbedding: Tensor
  let layers: [DeformableEncoderLayer]
  /// Brings the finest level of the backbone to the decoder's width.
  let lateral: Projection
  let outputConvolution: Convolution3x3
  let outputNorm: GroupNorm
  let maskProjection: Linear

  /// - Parameter features: of the backbone, finest first
  package func callAsFunction(_ features: [FeatureMap]) -> Output {
    precondition(features.count == inputProjections.count + 1)
    let inputs = zip(inputProjections, features.reversed()).map { project, map in project(map) }
    let width = levelEmbedding.shape[1]
    let sizes = inputs.map { (height: $0.height, width: $0.width) }
    let levels = Self.levels(sizes)
    let positions = Tensor(
      joining: sizes.enumerated().map { index, size in
        var values = SinePositionEmbedding.values(
          height: size.height, width: size.width, features: width)
        Self.add(levelEmbedding.rows(index..<index + 1), toEveryRowOf: &values)
        return values
      }, width: width)
    let references = Self.references(sizes)
    var x = Tensor(joining: inputs.map(\.values), width: width)
    for layer in layers {
      x = layer(x, positions: positions, references: references, levels: levels)
    }
    let outputs = zip(sizes, levels).map { size, level in
      FeatureMap(
        height: size.height, width: size.width,
        values: x.rows(level.start..<level.start + size.height * size.width))
    }

    var fine = lateral(features[0])
    outputs[outputs.count - 1].addResized(to: &fine)
    fine = outputConvolution(fine)
    outputNorm.apply(to: &fine, relu: true)
    fine.values = maskProjection(fine.values)
    return Output(levels: outputs, maskFeatures: fine)
  }

  private static func levels(_ sizes: [(height: Int, width: Int)]) -> [ck_level] {
    var start = 0
    return sizes.map { size in
      defer { start += size.height * size.width }
      return ck_level(start: start, height: size.height, width: size.width)
    }
  }

  /// The centre of every position of every level, x and y as fractions of the picture.
  private static func references(_ sizes: [(height: Int, width: Int)]) -> Tensor {
    var values: [Float] = []
    for size in sizes {
      for index in 0..<size.height * size.width {
        values.append((Float(index % size.width) + 0.5) / Float(size.width))
        values.append((Float(index / size.width) + 0.5) / Float(size.height))
      }
    }
    return Tensor(values, shape: [values.count / 2, 2])
  }

  private static func add(_ row: Tensor, toEveryRowOf values: inout Tensor) {
    let (rows, width) = (values.shape[0], values.shape[1])
    row.read { row in
      values.write { kernels.bias_activation($0, rows, width, width, row, CK_ACTIVATION_NONE, nil, 0) }
    }
  }
}

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

/// Positions of a grid as sines and cosines of rising wavelength, the first half of the features for the
/// row, the second for the column (DETR, appendix A.4, normalised to 0…2π).
enum SinePositionEmbedding {
  /// [height · width, features]; `features` is a multiple of 4.
  static func values(height: Int, width: Int, features: Int) -> Tensor {
    let half = features / 2
    let rows = axis(count: height, features: half)
    let columns = axis(count: width, features: half)
    return Tensor(shape: [height * width, features]) { out in
      rows.withUnsafeBufferPointer { rows in
        columns.withUnsafeBufferPointer { columns in
          guard let rows = rows.baseAddress, let columns = columns.baseAddress else { return }
          for y in 0..<height {
            for x in 0..<width {
              let to = out + (y * width + x) * features
              to.update(from: rows + y * half, count: half)
              (to + half).update(from: columns + x * half, count: half)
            }
          }
        }
      }
    }
  }

  /// [count, features] for one axis: sine and cosine of each wavelength in turn.
  private static func axis(count: Int, features: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count * features)
    for index in 0..<count {
      let position = Float(index + 1) / (Float(count) + 1e-6) * 2 * Float.pi
      for feature in 0..<features {
        let wavelength = powf(10_000, Float(feature / 2 * 2) / Float(features))
        let angle = position / wavelength
        values.append(feature % 2 == 0 ? sinf(angle) : cosf(angle))
      }
    }
    return values
  }
}
