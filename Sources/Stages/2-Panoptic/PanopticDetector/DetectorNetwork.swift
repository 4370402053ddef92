import Layers
import Tensors

/// All of the network: both trunks, detection heads, semantic branch and mask branch.
struct DetectorNetwork: Sendable {
  /// What it says of a picture, before anything is decided and masks are drawn.
  struct Fields: Sendable {
    /// Of the pyramid, from the finest on.
    let levels: [DetectionHead.Level]
    /// At stride 8, for the mask branch and for the mask decoder.
    let coarse: FeatureMap
    /// At a quarter of the side, for the mask branch.
    let fine: FeatureMap
    /// Logits of the stuff, and of things behind it, at a quarter of the side.
    let semantic: FeatureMap
  }

  let trunk: DetectorTrunk
  let stuff: StuffTrunk
  let heads: [DetectionHead]
  let semantic: SemanticBranch
  let masks: MaskBranch

  /// - Parameter pixels: normalised, 3 channels, sides that are multiples of 128
  func callAsFunction(_ pixels: FeatureMap) -> Fields {
    let levels = trunk(pixels)
    let stuff = stuff(pixels)
    let coarse = semantic.coarse(levels, stuff)
    let (fine, logits) = semantic(levels, stuff, coarse: coarse)
    let found = zip(heads, levels.pyramid).map { head, level in
      head(level, stride: pixels.width / level.width)
    }
    return Fields(levels: found, coarse: coarse, fine: fine, semantic: logits)
  }

  /// The map that masks are drawn on alone.
  func coarse(_ pixels: FeatureMap) -> FeatureMap { semantic.coarse(trunk(pixels), stuff(pixels)) }

  /// Logits of the mask of a detection in a box, for a picture of `side`×`side`.
  func mask(of detection: Detection, in box: SIMD4<Float>, _ fields: Fields, side: Int) -> Tensor {
    let seen = fields.levels[detection.level].seen.values.rows(detection.position..<detection.position + 1)
    return masks(
      coarse: fields.coarse, fine: fields.fine, box: box, label: detection.label, seen: seen, side: side)
  }
}
