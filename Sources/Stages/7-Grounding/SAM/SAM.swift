public import CrayonCore
public import Layers

/// Segment Anything (arXiv 2304.02643): an image encoder that is run once a picture, and a prompt encoder and a mask
/// decoder that are run for every question.
public struct SAM: Sendable {
  public let preprocessing: SAMPreprocessing
  public let imageEncoder: SAMImageEncoder
  public let promptEncoder: SAMPromptEncoder
  public let maskDecoder: SAMMaskDecoder

  /// A picture, seen: what is asked of it costs little.
  public struct SeenPicture: Sendable {
    public let features: FeatureMap
    /// How the model's square lies over the picture.
    public let frame: PictureFrame
  }

  public func see(_ image: RGBImage) -> SeenPicture {
    SeenPicture(
      features: imageEncoder(preprocessing(image)),
      frame: preprocessing.frame(width: image.width, height: image.height))
  }

  /// Masks for a prompt whose coordinates are pixels of the model's square.
  public func masks(
    _ prompt: SAMPrompt, on picture: SeenPicture, choice: SAMMaskDecoder.Choice = .single
  ) -> SAMMasks {
    maskDecoder(picture.features, prompt, encoder: promptEncoder, choice: choice)
  }

  /// A box in pixels of the picture, in pixels of the model's square.
  public static func box(_ box: PictureBox, in frame: PictureFrame, side: Int) -> SAMPrompt.Box {
    let fractions = frame.frameBox(of: box)
    func pixels(_ fraction: Double) -> Float { Float(fraction * Double(side)) }
    return SAMPrompt.Box(
      x0: pixels(fractions.x0), y0: pixels(fractions.y0), x1: pixels(fractions.x1), y1: pixels(fractions.y1))
  }
}
