public import CrayonCore
public import Layers
import Tensors

/// A picture as a mask decoder sees it: dear to make, and good for all masks that are drawn on it.
public struct MaskCanvas: Sendable {
  /// Of the mask decoder's width and side: SAM's, or the pocket segmenter's.
  public var features: FeatureMap
  /// How the features' square lies over the picture.
  public var frame: PictureFrame

  /// Memberwise.
  public init(features: FeatureMap, frame: PictureFrame) {
    self.features = features
    self.frame = frame
  }
}

/// What stage 7 needs: a reply with its triggers, and what they are about.
public struct GroundingInput: Sendable {
  /// With the hidden state at each trigger.
  public var reply: Reply
  /// How the language model's square lies over the picture: that of the vision tokens.
  public var frame: PictureFrame
  /// What triggers can point at; nil where the language model is shown no map.
  public var segments: PointableSegments?
  /// What masks are drawn on; nil for boxes alone.
  public var canvas: MaskCanvas?

  /// Memberwise.
  public init(
    reply: Reply, frame: PictureFrame, segments: PointableSegments? = nil, canvas: MaskCanvas? = nil
  ) {
    self.reply = reply
    self.frame = frame
    self.segments = segments
    self.canvas = canvas
  }
}

/// Stage 7: boxes and masks out of the hidden states at a reply's triggers, in pixels of the original picture.
///
/// A box that is not made of numbers, or has no area within the picture, is dropped; a mask that is empty is left out;
/// both are noted.
public struct Grounding: Stage {
  /// Which decode boxes.
  public let heads: GroundingHeads
  /// nil for boxes alone.
  public let masker: RegionMasker?

  /// Memberwise.
  public init(heads: GroundingHeads, masker: RegionMasker? = nil) {
    self.heads = heads
    self.masker = masker
  }

  /// - Throws: ``GroundingError`` when the reply is another model's, or the canvas another mask decoder's.
  public func run(_ input: GroundingInput) throws -> Regions {
    var regions = try boxes(of: input)
    try drawMasks(of: &regions, input)
    return regions
  }

  /// Boxes alone, with the segments that are pointed at.
  /// - Throws: ``GroundingError`` when the reply is another model's.
  public func boxes(of input: GroundingInput) throws -> Regions {
    let triggers = input.reply.triggers
    if let trigger = triggers.first(where: { $0.state.count != heads.width }) {
      throw GroundingError.wrongState(width: trigger.state.count, needed: heads.width)
    }
    let phrases = ReplyPhrases.phrases(of: input.reply)
    let places = places(input)
    var result = Regions(width: input.frame.width, height: input.frame.height, regions: [])
    for (index, trigger) in triggers.enumerated() {
      func note(_ kind: Regions.Note.Kind) {
        result.notes.append(Regions.Note(trigger: index, kind: kind, phrase: phrases[index]))
      }
      // Looked at here as well: what is no number becomes 0 in a ReLU, and then a box like any other.
      guard trigger.state.allSatisfy(\.isFinite) else {
        note(.boxNotFinite)
        continue
      }
      let place = places[index]
      guard place.box.edges.allSatisfy(\.isFinite) else {
        note(.boxNotFinite)
        continue
      }
      guard let seen = input.frame.clippedPictureBox(of: place.box) else {
        note(.boxWithoutArea)
        continue
      }
      result.regions.append(
        Region(box: seen, phrase: phrases[index], trigger: index, segment: place.segment))
    }
    return result
  }

  /// Draws the masks of regions that have none yet, where there is a canvas.
  /// - Parameters:
  ///   - regions: from ``boxes(of:)`` of the same input
  ///   - input: with the reply that the regions are of; nothing is drawn where it has no canvas
  /// - Throws: ``GroundingError`` when the canvas is another mask decoder's.
  public func drawMasks(of regions: inout Regions, _ input: GroundingInput) throws {
    guard let masker, let canvas = input.canvas else { return }
    let features = canvas.features
    let (side, width) = (masker.maskDecoder.configuration.gridSide, masker.maskDecoder.configuration.width)
    guard features.height == side, features.width == side, features.channels == width else {
      throw GroundingError.wrongFeatures(
        got: [features.height, features.width, features.channels], needed: [side, side, width])
    }
    let places = places(input)
    for index in regions.regions.indices where regions.regions[index].mask == nil {
      let region = regions.regions[index]
      let trigger = input.reply.triggers[region.trigger]
      let box = Self.box(places[region.trigger].box, of: input.frame, on: canvas.frame)
      let masks = masker.masks(Tensor(trigger.state, shape: [1, heads.width]), box: box, on: features)
      if let kind = masks.draw(&regions.regions[index], in: canvas.frame) {
        regions.notes.append(Regions.Note(trigger: region.trigger, kind: kind, phrase: region.phrase))
      }
    }
  }

  private func places(_ input: GroundingInput) -> [Pointing.Place] {
    Pointing(heads, at: input.segments).places(
      of: input.reply.triggers.map { Tensor($0.state, shape: [heads.width]) })
  }

  /// A box of one frame in fractions of another. Squares of one kind are one square, whatever its pixels: NExT-Chat
  /// hands its box over as it is, though each side rounds the borders on its own.
  private static func box(_ box: FrameBox, of frame: PictureFrame, on canvas: PictureFrame) -> FrameBox {
    switch (frame.mode, canvas.mode) {
    case (.squash, .squash), (.padToSquare, .middle): box
    default: canvas.frameBox(of: frame.pictureBox(of: box))
    }
  }
}

extension SAMMasks {
  /// Gives a region the first mask and its score.
  /// - Returns: what is wrong where there is no such mask; the region stays as it is then
  package func draw(_ region: inout Region, in frame: PictureFrame) -> Regions.Note.Kind? {
    guard isFinite(0), scores[0].isFinite else { return .maskNotFinite }
    let mask = mask(0, in: frame)
    guard !mask.isEmpty else { return .maskEmpty }
    region.mask = mask
    // A linear layer judges; nothing keeps it within what an overlap can be.
    region.score = min(max(scores[0], 0), 1)
    return nil
  }
}

/// Why regions cannot be made.
public enum GroundingError: Error, Equatable, CustomStringConvertible {
  case wrongState(width: Int, needed: Int)
  case wrongFeatures(got: [Int], needed: [Int])

  public var description: String {
    switch self {
    case .wrongState(let width, let needed):
      "a hidden state of width \(width) cannot be pointed with: the heads were made for a language model of width "
        + "\(needed)"
    case .wrongFeatures(let got, let needed):
      "masks cannot be drawn on features of shape \(got): the mask decoder was made for \(needed)"
    }
  }
}
