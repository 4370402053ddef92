public import CrayonCore
public import Layers
import Resampling
package import Tensors

/// Mask2Former with a Swin backbone (arXiv 2112.01527): masked-attention queries over a pyramid of
/// deformable-attention features.
///
/// Loads the published layout as it lies on the hub: `config.json`, `preprocessor_config.json`, and
/// `model.safetensors` or `pytorch_model.bin`.
public struct Mask2Former: PanopticSegmenter {
  /// The sizes of the network.
  public let configuration: Mask2FormerConfiguration
  /// From a picture to the network's pixels.
  public let imageProcessor: Mask2FormerImageProcessor
  /// What the maps can name, in the order of the labels.
  public let categories: CategoryTable
  /// The rule that makes a map of queries and masks.
  public internal(set) var merge: PanopticMerge
  /// In which shape the network sees a picture.
  public internal(set) var framing = Framing()
  package let backbone: SwinBackbone
  package let pixelDecoder: PixelDecoder
  package let decoder: MaskedAttentionDecoder

  /// What happens to a picture before the network's own processing, and at which size the map is decided.
  public struct Framing: Sendable, Equatable {
    /// The side of the square that the picture is squashed to, as CoLLaVO's demo does it; nil for the picture as
    /// it is.
    public var squash: Int?
    /// The side of the square on which masks become segments (CoLLaVO: its grid); the map then comes to the
    /// picture's size by repeating pixels. nil for the picture's size.
    public var decidedAt: Int?

    /// Memberwise.
    public init(squash: Int? = nil, decidedAt: Int? = nil) {
      self.squash = squash
      self.decidedAt = decidedAt
    }
  }

  /// The same network with other thresholds, and another framing.
  public func merging(by merge: PanopticMerge, framing: Framing = Framing()) -> Mask2Former {
    var other = self
    other.merge = merge
    other.framing = framing
    return other
  }

  /// Segments a picture; the map has its size.
  /// - Throws: ``SegmenterError/notFinite``
  public func run(_ image: RGBImage) throws -> PanopticMap {
    let seen = framing.squash.map { image.resized(width: $0, height: $0, by: .torchBilinear) } ?? image
    let prediction = predict(imageProcessor(seen))
    try SegmenterError.requireFinite(
      [prediction.classLogits, prediction.maskEmbeddings, prediction.maskFeatures.values])
    guard let side = framing.decidedAt else {
      return try map(prediction, width: image.width, height: image.height)
    }
    return try map(prediction, width: side, height: side).resized(width: image.width, height: image.height)
  }

  /// What the network says, before anything is decided.
  public struct Prediction: Sendable {
    /// [queries, labels + 1]; the last is "no object".
    package let classLogits: Tensor
    /// [queries, mask width]
    package let maskEmbeddings: Tensor
    /// At a quarter of the network's picture.
    package let maskFeatures: FeatureMap

    /// [height · width of the mask features, queries]
    package func maskLogits(of queries: [Int]) -> FeatureMap {
      let width = maskEmbeddings.shape[1]
      let chosen = Tensor(shape: [queries.count, width]) { out in
        maskEmbeddings.read { embeddings in
          for (index, query) in queries.enumerated() {
            (out + index * width).update(from: embeddings + query * width, count: width)
          }
        }
      }
      return FeatureMap(
        height: maskFeatures.height, width: maskFeatures.width,
        values: MaskedAttentionDecoder.maskLogits(chosen, maskFeatures))
    }
  }

  /// The network alone, from normalised pixels [height · width, 3].
  public func predict(_ pixels: FeatureMap) -> Prediction {
    let decoded = pixelDecoder(backbone(pixels))
    let output = decoder(decoded)
    return Prediction(
      classLogits: output.classLogits, maskEmbeddings: output.maskEmbeddings,
      maskFeatures: decoded.maskFeatures)
  }

  /// Decides: the map of a prediction, at any size.
  package func map(_ prediction: Prediction, width: Int, height: Int) throws -> PanopticMap {
    let merged = try merge(
      classLogits: prediction.classLogits, maskLogits: prediction.maskLogits, width: width,
      height: height)
    var labels: [Int32: PanopticMap.Label] = [:]
    for (index, segment) in merged.segments.enumerated() {
      labels[Int32(index + 1)] = PanopticMap.Label(
        category: categories.categories[segment.label], score: segment.score)
    }
    return try PanopticMap(width: width, height: height, ids: merged.ids, labels: labels)
  }
}

/// Why a Mask2Former cannot be used, beyond what its files say wrongly (`ConfigurationError`, `CheckpointError`).
public enum Mask2FormerError: Error, Equatable, CustomStringConvertible {
  case unknownCategory(name: String)

  public var description: String {
    switch self {
    case .unknownCategory(let name): "the class \"\(name)\" is not in the model's vocabulary"
    }
  }
}
