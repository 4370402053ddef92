public import Foundation

/// Stage 7: from hidden states to boxes and masks.
public struct GroundingConfiguration: Sendable {
  /// A file with the heads, the mask prompt and the mask decoder.
  public let weights: URL
  /// The folder of the bottom-up segmenter whose feature map the masks are drawn on.
  public let features: URL
  /// The token by which the language model says that it points, and what stands for the place behind it.
  public let trigger: String
  public let slot: String
  /// Where boxes and masks come from in the end.
  public let boxes: Boxes

  public enum Boxes: String, Sendable, CaseIterable {
    /// The heads alone.
    case heads
    /// The map's segments that the heads' boxes and the answer's words mean; the heads where there is none.
    case segments
  }

  private enum Kind: String, CaseIterable {
    case pix2emb
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    _ = try mapping.choice("kind", Kind.self)
    weights = try mapping.weights("weights", relativeTo: file)
    features = try mapping.weights("features", relativeTo: file)
    trigger = try mapping.neededString("trigger")
    slot = try mapping.neededString("slot")
    boxes = try mapping.choice("boxes", Boxes.self, default: .heads)
    try mapping.finish()
  }
}
