/// How the square that a model sees lies over the original picture, so that what the model says of its square
/// can be said of the picture, and the reverse.
///
/// Along each axis it is one scale and one shift; nothing is rounded. Conversions come in two kinds:
/// ``pictureBox(of:)`` and ``frameBox(of:)`` go beyond the edges, so that they undo each other everywhere, and
/// ``clippedPictureBox(of:)`` and ``clippedFrameBox(of:)`` end at the edges of the picture and of the frame. What
/// lies outside, has no area left, or holds a NaN is nil there.
public struct PictureFrame: Sendable, Hashable, Codable {
  /// How a picture fills the square that a model sees.
  public enum Mode: Sendable, Hashable, Codable {
    /// The whole picture, its proportions lost (CoLLaVO, the pocket pipeline).
    case squash
    /// Borders beside the shorter side make the picture a square; it lies in the middle, the odd pixel on the
    /// right or below (LLaVA's and NExT-Chat's `expand2square`).
    case padToSquare
    /// The picture is resized so that its shorter side has `edge` pixels, and the middle `crop`×`crop` are
    /// kept (CLIP's own way). What is cut off the model does not see.
    case centreCrop(edge: Int, crop: Int)
    /// The picture is resized so that its longer side has `side` pixels, and lies in the upper left corner of
    /// a square of them (SAM's way).
    case corner(side: Int)
    /// The same, but in the middle of the square, the odd pixel on the right or below (NExT-Chat's way for SAM).
    case middle(side: Int)
  }

  /// How the picture fills the square.
  public let mode: Mode
  /// Of the original picture.
  public let width: Int
  /// Of the picture, in pixels.
  public let height: Int

  /// - Precondition: neither side is zero, nor a length of `mode`.
  public init(_ mode: Mode, width: Int, height: Int) {
    precondition(width > 0 && height > 0)
    switch mode {
    case .squash, .padToSquare: break
    case .centreCrop(let edge, let crop): precondition(edge > 0 && crop > 0)
    case .corner(let side), .middle(let side): precondition(side > 0)
    }
    self.mode = mode
    self.width = width
    self.height = height
  }

  /// How large the picture is made before it is cut or padded; its own size where it is padded first.
  public var resizedSize: (width: Int, height: Int) {
    switch mode {
    case .squash, .padToSquare:
      return (width, height)
    case .centreCrop(let edge, _):
      // transformers cuts off what is behind the point. The short side is exactly `edge`.
      func other(_ long: Int, _ short: Int) -> Int { max(1, Int(Double(edge * long) / Double(short))) }
      return width <= height ? (edge, other(height, width)) : (other(width, height), edge)
    case .corner(let side), .middle(let side):
      let scale = Double(side) / Double(max(width, height))
      func scaled(_ length: Int) -> Int { max(1, Int(Double(length) * scale + 0.5)) }
      return (scaled(width), scaled(height))
    }
  }

  /// Where the frame's upper left corner lies in the resized picture.
  package var origin: (x: Int, y: Int) {
    switch mode {
    case .squash, .corner: return (0, 0)
    case .padToSquare:
      let side = max(width, height)
      return (-((side - width) / 2), -((side - height) / 2))
    case .centreCrop(_, let crop):
      let size = resizedSize
      // Rounded down, also below zero.
      return ((size.width - crop) >> 1, (size.height - crop) >> 1)
    case .middle(let side):
      let size = resizedSize
      return (-((side - size.width) / 2), -((side - size.height) / 2))
    }
  }

  /// The frame's size in pixels of the resized picture.
  package var extent: (width: Int, height: Int) {
    switch mode {
    case .squash: (width, height)
    case .padToSquare: (max(width, height), max(width, height))
    case .centreCrop(_, let crop): (crop, crop)
    case .corner(let side), .middle(let side): (side, side)
    }
  }

  /// picture = fraction · scale + shift, along one axis.
  private struct Axis {
    let scale: Double
    let shift: Double

    init(length: Int, resized: Int, origin: Int, extent: Int) {
      let pixel = Double(length) / Double(resized)
      scale = Double(extent) * pixel
      shift = Double(origin) * pixel
    }

    func picture(_ fraction: Double) -> Double { fraction * scale + shift }
    func frame(_ pixel: Double) -> Double { (pixel - shift) / scale }
  }

  private var axes: (x: Axis, y: Axis) {
    let (size, origin, extent) = (resizedSize, origin, extent)
    return (
      Axis(length: width, resized: size.width, origin: origin.x, extent: extent.width),
      Axis(length: height, resized: size.height, origin: origin.y, extent: extent.height)
    )
  }

  /// The whole picture.
  public var pictureBounds: PictureBox {
    PictureBox(x0: 0, y0: 0, x1: Double(width), y1: Double(height))
  }

  /// The part of the picture that the model sees.
  public var visible: PictureBox {
    let frame = pictureBox(of: .whole)
    return frame.intersection(pictureBounds) ?? pictureBounds
  }

  /// A box of the frame in pixels of the picture; it may reach beyond the picture.
  public func pictureBox(of box: FrameBox) -> PictureBox {
    let axes = axes
    return PictureBox(
      x0: axes.x.picture(box.x0), y0: axes.y.picture(box.y0), x1: axes.x.picture(box.x1),
      y1: axes.y.picture(box.y1))
  }

  /// A box of the picture in fractions of the frame; it may reach beyond the frame.
  public func frameBox(of box: PictureBox) -> FrameBox {
    let axes = axes
    return FrameBox(
      x0: axes.x.frame(box.x0), y0: axes.y.frame(box.y0), x1: axes.x.frame(box.x1),
      y1: axes.y.frame(box.y1))
  }

  /// A box of the frame in pixels of the picture, cut at the picture's edges; nil where nothing is left of it
  /// or it is no box.
  public func clippedPictureBox(of box: FrameBox) -> PictureBox? {
    pictureBox(of: box).intersection(pictureBounds)
  }

  /// A box of the picture in fractions of the frame, cut at the edges of the picture and of the frame; nil where
  /// the model sees nothing of it or it is no box.
  public func clippedFrameBox(of box: PictureBox) -> FrameBox? {
    guard let seen = box.intersection(visible) else { return nil }
    let frame = frameBox(of: seen)
    func clamped(_ fraction: Double) -> Double { min(max(fraction, 0), 1) }
    return FrameBox(
      x0: clamped(frame.x0), y0: clamped(frame.y0), x1: clamped(frame.x1), y1: clamped(frame.y1))
  }

  /// A point of the picture, in pixels, in fractions of the frame.
  public func framePoint(x: Double, y: Double) -> (x: Double, y: Double) {
    let axes = axes
    return (axes.x.frame(x), axes.y.frame(y))
  }
}
