import CPNG
public import Foundation

/// Exact reading and writing of 8-bit RGB PNG: bytes in, the same bytes out. What is transparent is black, the id 0: an
/// eraser leaves no segment.
public enum PNG {
  /// Pixels without meaning: colours, or ids in disguise. Row-major [height, width, 3].
  public struct Pixels: Sendable, Equatable {
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int
    /// [height, width, 3], row by row.
    public let rgb: [UInt8]

    /// - Precondition: `rgb.count == width * height * 3`
    public init(width: Int, height: Int, rgb: [UInt8]) {
      precondition(rgb.count == width * height * 3)
      self.width = width
      self.height = height
      self.rgb = rgb
    }
  }

  /// What the pixels are like, which decides how they are packed.
  public enum Content: Sendable {
    /// Neighbours differ a little.
    case photograph
    /// Large areas of one value.
    case map
  }

  /// The most pixels that are decoded by default: 16384 × 16384. A header that claims more is refused before
  /// memory is taken.
  public static let mostPixels = 1 << 28

  /// - Throws: ``PNGError``
  public static func decode(_ data: Data, mostPixels: Int = mostPixels) throws -> Pixels {
    try data.withUnsafeBytes { bytes in
      var message = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_LENGTH))
      var header = cpng_header()
      guard cpng_read_header(bytes.baseAddress, bytes.count, &header, &message) == 0 else {
        throw PNGError.damaged(reason: text(message))
      }
      let (width, height) = (Int(header.width), Int(header.height))
      guard width * height <= mostPixels else { throw PNGError.tooLarge(width: width, height: height) }
      // Ids need three full bytes; in grey or 16-bit samples they would be something else.
      guard header.bit_depth <= 8 else { throw PNGError.notRGB(reason: "16-bit samples") }
      guard header.has_colour != 0 else { throw PNGError.notRGB(reason: "grey samples") }
      var status: Int32 = 0
      let rgb = [UInt8](unsafeUninitializedCapacity: width * height * 3) { pixels, count in
        status = cpng_read_rgb8(
          bytes.baseAddress, bytes.count, pixels.baseAddress, header.width, header.height, &message)
        count = status == 0 ? width * height * 3 : 0
      }
      guard status == 0 else { throw PNGError.damaged(reason: text(message)) }
      return Pixels(width: width, height: height, rgb: rgb)
    }
  }

  /// Whether the samples of a PNG are numbers of a palette's colours. Decoding gives the colours.
  public static func hasPalette(_ data: Data) -> Bool {
    // The header always comes first; its tenth byte says of what kind samples are.
    data.count > 25 && data[data.startIndex + 25] == 3
  }

  /// - Throws: ``PNGError/cannotEncode(reason:)``
  public static func encode(_ pixels: Pixels, as content: Content) throws -> Data {
    var message = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_LENGTH))
    var size = 0
    // Level 1 is four times as fast as zlib's default and costs a tenth in size.
    let buffer = pixels.rgb.withUnsafeBufferPointer {
      cpng_write_rgb8(
        $0.baseAddress, UInt32(pixels.width), UInt32(pixels.height), 1,
        content == .photograph ? 1 : 0, &size, &message)
    }
    guard let buffer else { throw PNGError.cannotEncode(reason: text(message)) }
    return Data(bytesNoCopy: buffer, count: size, deallocator: .custom { pointer, _ in cpng_free(pointer) })
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension PNG.Pixels {
  /// The pixels as ids in COCO's way: R + 256 · G + 65536 · B.
  public var ids: [Int32] {
    [Int32](unsafeUninitializedCapacity: width * height) { ids, count in
      rgb.withUnsafeBufferPointer { cpng_ids_from_rgb8($0.baseAddress, ids.baseAddress, width * height) }
      count = width * height
    }
  }

  /// Ids as colours.
  /// - Precondition: ids are from 0 to 2²⁴ − 1.
  public init(width: Int, height: Int, ids: [Int32]) {
    precondition(ids.count == width * height)
    self.init(
      width: width, height: height,
      rgb: [UInt8](unsafeUninitializedCapacity: ids.count * 3) { rgb, count in
        ids.withUnsafeBufferPointer { cpng_rgb8_from_ids($0.baseAddress, rgb.baseAddress, ids.count) }
        count = ids.count * 3
      })
  }
}

/// Why a PNG cannot be read or written.
public enum PNGError: Error, Equatable, CustomStringConvertible {
  case damaged(reason: String)
  case tooLarge(width: Int, height: Int)
  case notRGB(reason: String)
  case cannotEncode(reason: String)

  public var description: String {
    switch self {
    case .damaged(let reason): "the PNG cannot be read: \(reason)"
    case .tooLarge(let width, let height):
      "the PNG claims \(width)×\(height) pixels, more than are ever read"
    case .notRGB(let reason):
      "the PNG has \(reason); segment ids need 8-bit RGB (id = R + 256·G + 65536·B)"
    case .cannotEncode(let reason): "the picture cannot be written as PNG: \(reason)"
    }
  }
}
