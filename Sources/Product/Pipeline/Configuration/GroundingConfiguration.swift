public import Foundation

/// Stage 7: from hidden states to boxes and masks (pix2emb: NExT-Chat, arXiv 2311.04498).
public struct GroundingConfiguration: Sendable {
  /// Where the heads, the mask prompt and the mask decoder are, and whose features the masks are drawn on.
  public enum Weights: Sendable, Equatable {
    /// In a file of this project; the features are those of the bottom-up segmenter in a folder.
    case file(URL, features: URL)
    /// In NExT-Chat's checkpoint, beside the language model; the features are those of the SAM in it.
    case checkpoint
  }

  public let weights: Weights
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
    case nextchat
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    switch try mapping.choice("kind", Kind.self) {
    case .pix2emb:
      weights = .file(
        try mapping.weights("weights", relativeTo: file),
        features: try mapping.weights("features", relativeTo: file))
    case .nextchat: weights = .checkpoint
    }
    trigger = try mapping.neededString("trigger")
    slot = try mapping.neededString("slot")
    boxes = try mapping.choice("boxes", Boxes.self, default: .heads)
    try mapping.finish()
  }
}
