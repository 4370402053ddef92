public import Foundation
import Panoptic

/// The segmenter that a pipeline names.
public enum SegmenterConfiguration: Sendable {
  case mask2Former(Mask2FormerSettings)
  /// This project's own network, in a folder with `config.json` and `model.safetensors`; nil for the side of the square
  /// that these name.
  case crayonPanoptic(weights: URL, side: Int?)
  /// This project's network for rendered scenes, in such a folder.
  case bottomUp(weights: URL)

  /// A published Mask2Former and the thresholds of its panoptic merge.
  public struct Mask2FormerSettings: Sendable, Equatable {
    /// The folder with `config.json`, `preprocessor_config.json` and the weights.
    public var weights: URL
    /// The least probability of a query's label.
    public var threshold: Float
    /// A pixel is a mask's from this probability on.
    public var maskThreshold: Float
    /// The least part of a mask that is left to it by likelier ones.
    public var overlapThreshold: Double
    /// Which labels are one segment, however many queries have them.
    public var fuse: Fuse
    /// The side of the square that the picture is squashed to first; nil where the model gets it as it is.
    public var squash: Int?
    /// The side of the square on which the map is decided; nil for the picture's size.
    public var decidedAt: Int?
  }

  /// Which classes have all their segments made one.
  public enum Fuse: Sendable, Equatable {
    case stuff
    case none
    case classes([String])
  }

  private enum Kind: String, CaseIterable {
    case mask2former
    case crayonPanoptic = "crayon-panoptic"
    case bottomUp = "bottom-up"
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    switch try mapping.choice("kind", Kind.self) {
    case .crayonPanoptic:
      let side = try mapping.integer("size", in: 128...2048)
      if let side, !PanopticDetectorConfiguration.isSide(side) {
        throw mapping.bad("size", "\(side)", expected: "a multiple of 128")
      }
      self = .crayonPanoptic(weights: try mapping.weights("weights", relativeTo: file), side: side)
    case .bottomUp: self = .bottomUp(weights: try mapping.weights("weights", relativeTo: file))
    case .mask2former:
      self = .mask2Former(
        Mask2FormerSettings(
          weights: try mapping.weights("weights", relativeTo: file),
          threshold: Float(try mapping.number("threshold", in: 0...1) ?? 0.5),
          maskThreshold: Float(try mapping.number("mask_threshold", in: 0...1) ?? 0.5),
          overlapThreshold: try mapping.number("overlap_threshold", in: 0...1) ?? 0.8,
          fuse: try Self.fuse(&mapping), squash: try mapping.integer("squash", in: 16...4096),
          decidedAt: try mapping.integer("decided_at", in: 1...4096)))
    }
    try mapping.finish()
  }

  /// Whether it is this project's network out of a folder.
  func isNetwork(of folder: URL) -> Bool {
    guard case .crayonPanoptic(let weights, _) = self else { return false }
    return weights.standardizedFileURL == folder.standardizedFileURL
  }

  private static func fuse(_ mapping: inout YAMLMapping) throws -> Fuse {
    switch try mapping.words("fuse") {
    case nil: .stuff
    case ["stuff"]: .stuff
    case ["none"], []: .none
    case let names?: .classes(names)
    }
  }
}
