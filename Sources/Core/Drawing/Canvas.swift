import CVips
public import CrayonCore
import Synchronization

/// A picture that is drawn on.
public struct Canvas: Sendable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Row-major [height, width, 3].
  public private(set) var pixels: [UInt8]

  /// - Precondition: neither side is zero.
  public init(width: Int, height: Int, background: Colour) {
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { pixels, count in
      for index in 0..<width * height {
        pixels[index * 3] = background.red
        pixels[index * 3 + 1] = background.green
        pixels[index * 3 + 2] = background.blue
      }
      count = width * height * 3
    }
  }

  /// What has been drawn.
  public var image: RGBImage { RGBImage(width: width, height: height, pixels: pixels) }

  /// Lends the pixels for writing.
  public mutating func write<Result>(_ body: (inout UnsafeMutableBufferPointer<UInt8>) throws -> Result)
    rethrows -> Result
  {
    try pixels.withUnsafeMutableBufferPointer(body)
  }

  /// Fills a box, as far as it lies on the canvas.
  /// - Parameters:
  ///   - box: in pixels of the canvas, its right and lower edge exclusive
  ///   - colour: mixed with what is there, by `opacity`
  ///   - opacity: 0 for nothing to 256 for all
  public mutating func fill(_ box: PixelBox, _ colour: Colour, opacity: Int = 256) {
    let columns = max(box.x0, 0)..<max(min(box.x1, width), max(box.x0, 0))
    for y in max(box.y0, 0)..<max(min(box.y1, height), max(box.y0, 0)) {
      for x in columns { blend(colour, opacity: opacity, at: y * width + x) }
    }
  }

  /// Draws a text with its upper left corner at a point, as far as it lies on the canvas.
  public mutating func draw(_ text: TextRenderer.Mask, x left: Int, y top: Int, _ colour: Colour) {
    for row in max(0, -top)..<max(min(text.height, height - top), max(0, -top)) {
      for column in max(0, -left)..<max(min(text.width, width - left), max(0, -left)) {
        let coverage = Int(text.coverage[row * text.width + column])
        guard coverage > 0 else { continue }
        blend(colour, opacity: coverage + 1, at: (top + row) * width + left + column)
      }
    }
  }

  private mutating func blend(_ colour: Colour, opacity: Int, at index: Int) {
    func mixed(_ under: UInt8, _ over: UInt8) -> UInt8 {
      UInt8((Int(under) * (256 - opacity) + Int(over) * opacity) >> 8)
    }
    pixels[index * 3] = mixed(pixels[index * 3], colour.red)
    pixels[index * 3 + 1] = mixed(pixels[index * 3 + 1], colour.green)
    pixels[index * 3 + 2] = mixed(pixels[index * 3 + 2], colour.blue)
  }
}

/// Why something cannot be drawn.
public enum DrawingError: Error, Equatable, CustomStringConvertible {
  case noText(reason: String)

  public var description: String {
    switch self {
    case .noText(let reason):
      "text cannot be drawn (\(reason)); is a font installed? Debian has one in fonts-dejavu-core"
    }
  }
}

/// Lines of text as masks of coverage, by Pango through libvips.
///
/// Safe to use from several threads: what has been rendered is kept behind a lock.
public final class TextRenderer: Sendable {
  /// How much of every pixel a text covers, row-major.
  public struct Mask: Sendable {
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int
    /// Of each pixel, row by row: 0 none, 255 all of it.
    public let coverage: [UInt8]
  }

  /// How bold.
  public enum Weight: String, Sendable {
    case regular = ""
    case bold = "Bold "
  }

  /// libvips keeps its fonts once for all.
  public static let shared = TextRenderer()

  private struct Key: Hashable {
    var text: String
    var size: Int
    var weight: Weight
  }
  private let rendered = Mutex<[Key: Mask]>([:])
  /// Legends repeat the same names; beyond this many the memory is worth more.
  private static let mostKept = 4096

  private init() { cvips_start() }

  /// - Parameters:
  ///   - text: shown as it is: mark-up has no effect
  ///   - size: in pixels, about the height of a capital with its descender
  ///   - weight: of the letters, regular or bold
  /// - Throws: ``DrawingError/noText(reason:)``
  public func mask(_ text: String, size: Int, weight: Weight = .regular) throws -> Mask {
    let key = Key(text: text, size: size, weight: weight)
    if let mask = rendered.withLock({ $0[key] }) { return mask }
    let mask = try render(key)
    rendered.withLock { rendered in
      if rendered.count >= Self.mostKept { rendered.removeAll(keepingCapacity: true) }
      rendered[key] = mask
    }
    return mask
  }

  private func render(_ key: Key) throws -> Mask {
    var image = cvips_image()
    var message = [CChar](repeating: 0, count: Int(CVIPS_MESSAGE_LENGTH))
    // Pango reads mark-up.
    let escaped = key.text.map { character -> String in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
    let status = cvips_text(escaped, "DejaVu Sans, Sans \(key.weight.rawValue)\(key.size)", &image, &message)
    guard status == CVIPS_OK else {
      let reason = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      throw DrawingError.noText(reason: String(decoding: reason, as: UTF8.self))
    }
    defer { cvips_free(image.pixels) }
    let (width, height) = (Int(image.width), Int(image.height))
    return Mask(
      width: width, height: height,
      coverage: Array(UnsafeBufferPointer(start: image.pixels, count: width * height)))
  }
}
