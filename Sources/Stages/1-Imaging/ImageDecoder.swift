import CVips
public import CrayonCore
public import Foundation

/// Stage 1: the bytes of a picture's file to pixels, by libvips.
///
/// Any format that the installed libvips reads (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM, and many more), told by its
/// content and not its name. The result is upright by the EXIF orientation, in sRGB by the embedded profile, over white
/// (or black) where the file says that it is transparent, and the first of several frames. A damaged picture is an error,
/// never half a picture, and so is one whose samples do not say what colours they are.
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

  /// What is behind a picture where it is transparent.
  public enum Backdrop: Sendable {
    /// As on paper.
    case white
    /// As in a mask, where what is not there is outside.
    case black
  }

  private let mostPixels: Int
  private let backdrop: Backdrop

  /// - Parameters:
  ///   - mostPixels: larger pictures are refused before they are decoded
  ///   - backdrop: what transparent pixels are seen over
  public init(mostPixels: Int = Self.mostPixels, over backdrop: Backdrop = .white) {
    _ = Self.start
    self.mostPixels = mostPixels
    self.backdrop = backdrop
  }

  /// - Throws: ``ImagingError``
  public func run(_ input: Input) throws -> RGBImage {
    guard !input.data.isEmpty else { throw ImagingError.empty(file: input.name) }
    var image = cvips_image()
    var message = [CChar](repeating: 0, count: Int(CVIPS_MESSAGE_LENGTH))
    let status = input.data.withUnsafeBytes {
      cvips_decode(
        $0.baseAddress, $0.count, input.path, Int64(mostPixels), backdrop == .white ? CVIPS_WHITE : CVIPS_BLACK,
        &image, &message)
    }
    var reason: String {
      String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    switch status {
    case CVIPS_OK: break
    case CVIPS_UNKNOWN_FORMAT: throw ImagingError.unknownFormat(file: input.name)
    case CVIPS_TOO_LARGE:
      throw ImagingError.tooLarge(
        file: input.name, width: Int(image.width), height: Int(image.height), limit: mostPixels)
    case CVIPS_REFUSED: throw ImagingError.ambiguous(file: input.name, reason: reason)
    default: throw ImagingError.damaged(file: input.name, reason: ImagingError.reason(reason))
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
  /// It may be whole, but what colours its samples are is not known.
  case ambiguous(file: String, reason: String)

  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason): "\(file) cannot be opened: \(reason)"
    case .empty(let file): "\(file) is empty"
    case .unknownFormat(let file):
      "\(file) is not a picture in a known format (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM, HEIC, AVIF, …)"
    case .tooLarge(let file, let width, let height, let limit):
      "\(file) claims \(width)×\(height) pixels; at most \(limit) pixels are decoded"
    case .damaged(let file, let reason): "\(file) is damaged: \(reason)"
    case .ambiguous(let file, let reason): "\(file) cannot be seen as it is meant: \(reason)"
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
