/// The ways in which the models' own tools resize 8-bit pictures, each as that tool does it.
public enum ResamplingFilter: String, Sendable, CaseIterable, Codable {
  /// `Image.resize(…, BILINEAR)` of Pillow: antialiased.
  case pillowBilinear
  /// `Image.resize(…, BICUBIC)` of Pillow: antialiased.
  case pillowBicubic
  /// torchvision's `Resize(…, antialias=False)` of bytes: torch's `interpolate` with `mode="bilinear"` and
  /// `align_corners=False`, rounded to bytes. Shrinking looks at four pixels only.
  case torchBilinear

  /// Resizes rows of 8-bit RGB.
  /// - Parameter pixels: [height, width, 3]
  /// - Returns: [newHeight, newWidth, 3]
  /// - Precondition: `pixels` has that many bytes, and no side is zero.
  public func resize(
    _ pixels: [UInt8], width: Int, height: Int, toWidth newWidth: Int, height newHeight: Int
  ) -> [UInt8] {
    precondition(pixels.count == width * height * 3 && width > 0 && height > 0)
    precondition(newWidth > 0 && newHeight > 0)
    if width == newWidth && height == newHeight { return pixels }
    let source = PixelRows(width: width, height: height, pixels: pixels)
    switch self {
    case .pillowBilinear, .pillowBicubic:
      let kernel: PillowResampling.Kernel = self == .pillowBilinear ? .triangle : .cubic
      return PillowResampling(kernel).resize(source, width: newWidth, height: newHeight).pixels
    case .torchBilinear:
      return TorchResampling.resize(source, width: newWidth, height: newHeight).pixels
    }
  }
}

/// 8-bit RGB, row-major [height, width, 3].
struct PixelRows {
  let width: Int
  let height: Int
  let pixels: [UInt8]
}
