import CKernels
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
