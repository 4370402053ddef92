import CVips
import Synchronization

/// Lines of text as masks of coverage, by Pango through libvips.
///
/// Safe to use from several threads: what has been rendered is kept behind a lock.
public final class TextRenderer: Sendable {
  /// How much of every pixel a text covers, row-major.
  public struct Mask: Sendable {
    public let width: Int
    public let height: Int
    public let coverage: [UInt8]
  }

  public enum Weight: String, Sendable {
    case regular = ""
    case bold = "Bold "
  }

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

  /// - Parameter size: in pixels, about the height of a capital with its descender
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
