import Drawing

/// Sizes and tones of an overlay, which follow from the picture's size.
struct OverlayStyle {
  /// How many pixels of the overlay one of the picture becomes, along each axis.
  let magnification: Int
  /// Of the legend and the tags, in pixels.
  let textSize: Int
  /// The width of outlines, in pixels of the picture.
  let outline: Int

  static let background = Colour(24, 26, 30)
  static let faint = Colour(150, 156, 166)
  /// Of the tint, out of 256.
  static let tint = 112
  /// What is left of void pixels' brightness, out of 256.
  static let voidBrightness = 140

  init(width: Int, height: Int) {
    let longest = max(width, height)
    magnification = max(1, 384 / longest)
    textSize = min(max(longest * magnification / 56, 12), 140)
    outline = max(1, longest / 640)
  }
}
