import CVips
public import CrayonCore
public import Foundation

/// Stage 1: the bytes of a picture's file to pixels, by libvips.
///
/// Any format that the installed libvips reads (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM, and many more), told by its
/// content and not its name. The result is upright by the EXIF orientation, in sRGB by the embedded profile, over white
/// where the file says that it is transparent, and the first of several frames. A damaged picture is an error, never
/// half a picture.
public struct ImageDecoder: Stage {
  /// A picture's bytes, and the name by which sentences call it.
  public struct Input: Sendable {
    /// For messages: the file's path, or whatever tells the picture from others.
    public var name: String
    /// The file's bytes.
    public var data: Data
    /// Where the data come from: some formats are read from files only.
    let path: String?

    /// Bytes that are no file's.
    public init(name: String, data: Data) { self.init(name: name, data: data, path: nil) }

    private init(name: String, data: Data, path: String?) {
      self.name = name
      self.data = data
      self.path = path
    }

    /// Reads a file. It is not mapped: a picture that is being copied into the folder may change its size.
    /// - Throws: ``ImagingError/cannotOpen(file:reason:)``
    public init(file: URL) throws {
      // Foundation's own errors say less than the system's.
      guard access(file.path, R_OK) == 0 else {
        throw ImagingError.cannotOpen(file: file.path, reason: String(cString: strerror(errno)))
      }
      let type = (try? file.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey]))?
        .isRegularFile
      guard type == true, let data = try? Data(contentsOf: file) else {
        throw ImagingError.cannotOpen(file: file.path, reason: "it is not a file that can be read")
      }
      self.init(name: file.path, data: data, path: file.path)
    }
  }

  /// The most pixels that are decoded by default: 16384 × 16384. A header that claims more is refused before
  /// memory is taken.
  public static let mostPixels = 1 << 28

  private let mostPixels: Int

  /// - Parameter mostPixels: larger pictures are refused before they are decoded
  public init(mostPixels: Int = Self.mostPixels) {
    _ = Self.start
    self.mostPixels = mostPixels
  }

  /// - Throws: ``ImagingError``
  public func run(_ input: Input) throws -> RGBImage {
    guard !input.data.isEmpty else { throw ImagingError.empty(file: input.name) }
    var image = cvips_image()
    var message = [CChar](repeating: 0, count: Int(CVIPS_MESSAGE_LENGTH))
    let status = input.data.withUnsafeBytes {
      cvips_decode($0.baseAddress, $0.count, input.path, Int64(mostPixels), &image, &message)
    }
    switch status {
    case CVIPS_OK: break
    case CVIPS_UNKNOWN_FORMAT: throw ImagingError.unknownFormat(file: input.name)
    case CVIPS_TOO_LARGE:
      throw ImagingError.tooLarge(
        file: input.name, width: Int(image.width), height: Int(image.height), limit: mostPixels)
    default:
      let reason = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      throw ImagingError.damaged(
        file: input.name, reason: ImagingError.reason(String(decoding: reason, as: UTF8.self)))
    }
    defer { cvips_free(image.pixels) }
    let (width, height) = (Int(image.width), Int(image.height))
    return RGBImage(
      width: width, height: height,
      pixels: Array(UnsafeBufferPointer(start: image.pixels, count: width * height * 3)))
  }

  /// Whether a file begins as a picture that the installed libvips reads.
  public static func knows(_ file: URL) -> Bool {
    _ = start
    // A pipe would be waited for.
    let values = try? file.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey])
    guard values?.isRegularFile == true else { return false }
    guard let handle = try? FileHandle(forReadingFrom: file) else { return false }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: 1 << 16) else { return false }
    return data.withUnsafeBytes { cvips_knows($0.baseAddress, $0.count, file.path) } != 0
  }

  /// libvips starts once for the process.
  private static let start: Void = { _ = cvips_start() }()
}

/// Why a picture cannot be had.
public enum ImagingError: Error, Equatable, CustomStringConvertible {
  case cannotOpen(file: String, reason: String)
  case empty(file: String)
  case unknownFormat(file: String)
  case tooLarge(file: String, width: Int, height: Int, limit: Int)
  case damaged(file: String, reason: String)

  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason): "\(file) cannot be opened: \(reason)"
    case .empty(let file): "\(file) is empty"
    case .unknownFormat(let file):
      "\(file) is not a picture in a known format (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM, HEIC, AVIF, …)"
    case .tooLarge(let file, let width, let height, let limit):
      "\(file) claims \(width)×\(height) pixels; at most \(limit) pixels are decoded"
    case .damaged(let file, let reason): "\(file) is damaged: \(reason)"
    }
  }

  private static let unexplained = "it cannot be decoded"

  /// A sentence's half out of what libvips, or a library behind it, complains of.
  static func reason(_ complaint: String) -> String {
    let lowered = complaint.lowercased()
    let isCut = [
      "premature", "truncated", "end of", "eof", "not enough", "out of range read", "unexpected end",
      "too small",
      "read error",
    ]
    .contains(where: lowered.contains)
    if isCut { return "it ends too early" }
    // What the libraries call themselves means nothing to the person whose picture it is.
    let words = complaint.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    let rest = words.count == 2 && !words[0].contains(" ") ? words[1] : complaint
    let isTheirs = ["vips", "magick", "lib", "domain"].contains(where: rest.lowercased().contains)
    return rest.isEmpty || isTheirs || rest == unexplained ? unexplained : "\(unexplained) (\(rest))"
  }
}
