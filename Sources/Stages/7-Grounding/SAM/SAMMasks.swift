public import CrayonCore
public import Layers
public import Tensors

/// What a mask decoder has drawn for one prompt.
public struct SAMMasks: Sendable {
  /// [masks, height · width]; above 0 is inside
  public let logits: Tensor
  public let height: Int
  public let width: Int
  /// How much of what is meant each mask covers, as the decoder judges it: intersection over union.
  public let scores: [Float]

  /// Whether all logits of a mask are numbers.
  public func isFinite(_ mask: Int) -> Bool { logits.rows(mask..<mask + 1).values.allSatisfy(\.isFinite) }

  /// The logits of a mask on the pixels of the original picture, by bilinear interpolation: over the square of the
  /// frame first, where that has pixels of its own, as SAM's post-processing does it.
  /// - Returns: one channel, of the picture's size
  public func logits(_ mask: Int, in frame: PictureFrame) -> FeatureMap {
    let map = FeatureMap(
      height: height, width: width, values: logits.rows(mask..<mask + 1).reshaped([height * width, 1]))
    return FramedMap.onPicture(map, frame)
  }

  /// A mask on the pixels of the original picture.
  public func mask(_ mask: Int, in frame: PictureFrame, threshold: Float = 0) -> RunLengthMask {
    let map = logits(mask, in: frame)
    return RunLengthMask(
      width: map.width, height: map.height, pixels: map.values.values.map { $0 > threshold })
  }
}
