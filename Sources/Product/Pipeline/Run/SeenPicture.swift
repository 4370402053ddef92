public import CrayonCore
import Fusion
public import Tensors

/// A picture with all that does not depend on the question: the dear half of the way.
public struct SeenPicture: Sendable {
  public let image: RGBImage
  public let map: PanopticMap
  /// What the map could have named: the segmenter's vocabulary, or that of a map that was given; nil where nothing
  /// was segmented, because the language model is shown no map.
  public let vocabulary: CategoryTable?
  public let crayon: CrayonPrompt
  public let vision: VisionTokens
  /// The image tokens in the language model's space, [N, width].
  public let imageTokens: Tensor
  /// Nil where the language model is not shown single objects.
  let looks: SegmentLooks?
  /// The listing's objects, where the language model is shown them.
  let objects: [FusionInput.Object]
  /// The crayon features, [N, width]; nil where the language model is not shown the map.
  public let crayonFeatures: Tensor?
  public let timings: StageTimings
}
