public import CrayonCore

/// Stage 2: a picture to a map of the same size. Any segmenter can stand here, and any map that a person or
/// another program made (``PrecomputedSegmenter``).
public protocol PanopticSegmenter: Stage where Input == RGBImage, Output == PanopticMap {
  /// What the segmenter can name, in its own order.
  var categories: CategoryTable { get }
}
