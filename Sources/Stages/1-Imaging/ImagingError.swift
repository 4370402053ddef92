import Foundation

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
    ]
    .contains(where: lowered.contains)
    if isCut { return "it ends too early" }
    // What the libraries call themselves means nothing to the person whose picture it is.
    let words = complaint.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    let rest = words.count == 2 && !words[0].contains(" ") ? words[1] : complaint
    let isTheirs = ["vips", "magick", "lib"].contains(where: rest.lowercased().contains)
    return rest.isEmpty || isTheirs || rest == unexplained ? unexplained : "\(unexplained) (\(rest))"
  }
}
