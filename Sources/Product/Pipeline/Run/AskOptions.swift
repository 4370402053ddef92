public import CrayonCore
public import CrayonPrompting
public import Language
public import Panoptic

/// How a picture is looked at.
public struct LookOptions: Sendable {
  /// What of the map the language model is shown.
  public enum Crayon: String, Sendable, CaseIterable {
    /// Features with classes and numbers, and the listing.
    case on
    /// Features with classes alone, and the listing.
    case semantic
    /// Nothing.
    case off
  }

  public var crayon: Crayon
  /// In place of the pipeline's own; nil for that.
  public var listing: ListingStyle?
  /// Segments that are taken off the map.
  public var dropped: Set<Int32>
  /// A map that exists, in place of the segmenter's.
  public var map: PrecomputedSegmenter?

  public init(
    crayon: Crayon = .on, listing: ListingStyle? = nil, dropped: Set<Int32> = [],
    map: PrecomputedSegmenter? = nil
  ) {
    self.crayon = crayon
    self.map = map
    self.listing = listing
    self.dropped = dropped
  }
}

/// How a question is answered.
public struct AskOptions: Sendable {
  /// Gains of the two adapters of Dual QLoRA; 0 switches one off.
  public var imageGain: Float
  public var visualLanguageGain: Float
  public var answer: AnswerOptions
  /// Regions that the question speaks of as `[1]`, `[2]`, …, in pixels of the picture.
  public var regions: [PictureBox]
  /// In place of the pipeline's own; nil for that.
  public var boxes: GroundingConfiguration.Boxes?

  public init(
    imageGain: Float = 1, visualLanguageGain: Float = 1, answer: AnswerOptions = AnswerOptions(),
    regions: [PictureBox] = [], boxes: GroundingConfiguration.Boxes? = nil
  ) {
    self.imageGain = imageGain
    self.visualLanguageGain = visualLanguageGain
    self.answer = answer
    self.regions = regions
    self.boxes = boxes
  }
}
