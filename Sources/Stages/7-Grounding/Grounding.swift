public import CrayonCore
public import Layers
import Tensors

/// What stage 7 needs: a reply with its triggers, and what they are about.
public struct GroundingInput: Sendable {
  /// What masks are drawn on.
  public struct Canvas: Sendable {
    /// Of the mask decoder's width and side: SAM's, or the pocket segmenter's.
    public var features: FeatureMap
    /// How the features' square lies over the picture.
    public var frame: PictureFrame

    public init(features: FeatureMap, frame: PictureFrame) {
      self.features = features
      self.frame = frame
    }

    public init(_ seen: SAM.SeenPicture) {
      self.init(features: seen.features, frame: seen.frame)
    }
  }

  public var reply: Reply
  /// How the language model's square lies over the picture: that of the vision tokens.
  public var frame: PictureFrame
  /// nil for boxes alone.
  public var canvas: Canvas?

  public init(reply: Reply, frame: PictureFrame, canvas: Canvas? = nil) {
    self.reply = reply
    self.frame = frame
    self.canvas = canvas
  }
}

/// Stage 7: boxes and masks out of the hidden states at a reply's triggers, in pixels of the original picture.
///
/// A box that is not made of numbers, or has no area within the picture, is dropped; a mask that is empty is left out;
/// both are noted.
public struct Grounding: Stage {
  public let heads: GroundingHeads
  /// nil for boxes alone.
  public let masker: RegionMasker?

  public init(heads: GroundingHeads, masker: RegionMasker? = nil) {
    self.heads = heads
    self.masker = masker
  }

  /// - Throws: ``GroundingError`` when the reply is another model's, or the canvas another mask decoder's.
  public func run(_ input: GroundingInput) throws -> Regions {
    let triggers = input.reply.triggers
    if let trigger = triggers.first(where: { $0.state.count != heads.width }) {
      throw GroundingError.wrongState(width: trigger.state.count, needed: heads.width)
    }
    if let masker, let features = input.canvas?.features {
      let (side, width) = (masker.maskDecoder.configuration.gridSide, masker.maskDecoder.configuration.width)
      guard features.height == side, features.width == side, features.channels == width else {
        throw GroundingError.wrongFeatures(
          got: [features.height, features.width, features.channels], needed: [side, side, width])
      }
    }
    let phrases = ReplyPhrases.phrases(of: input.reply)
    var result = Regions(width: input.frame.width, height: input.frame.height, regions: [])
    for (index, trigger) in triggers.enumerated() {
      let hidden = Tensor(trigger.state, shape: [1, heads.width])
      func note(_ kind: Regions.Note.Kind) {
        result.notes.append(Regions.Note(trigger: index, kind: kind, phrase: phrases[index]))
      }
      // Looked at here as well: what is no number becomes 0 in a ReLU, and then a box like any other.
      guard trigger.state.allSatisfy(\.isFinite) else {
        note(.boxNotFinite)
        continue
      }
      let box = heads.boxes(of: hidden)[0]
      guard box.edges.allSatisfy(\.isFinite) else {
        note(.boxNotFinite)
        continue
      }
      guard let seen = input.frame.clippedPictureBox(of: box) else {
        note(.boxWithoutArea)
        continue
      }
      var region = Region(box: seen, phrase: phrases[index], trigger: index)
      if let masker, let canvas = input.canvas {
        let masks = masker.masks(
          hidden, box: Self.box(box, of: input.frame, on: canvas.frame), on: canvas.features)
        if masks.isFinite(0) {
          let mask = masks.mask(0, in: canvas.frame)
          if mask.isEmpty {
            note(.maskEmpty)
          } else {
            // A linear layer judges; nothing keeps it within what an overlap can be.
            (region.mask, region.score) = (mask, min(max(masks.scores[0], 0), 1))
          }
        } else {
          note(.maskNotFinite)
        }
      }
      result.regions.append(region)
    }
    return result
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
