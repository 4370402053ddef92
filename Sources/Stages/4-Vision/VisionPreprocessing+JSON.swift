import Checkpoints
public import Foundation
import Resampling

extension VisionPreprocessing {
  /// Reads `preprocessor_config.json` as it lies beside a published CLIP (transformers' `CLIPImageProcessor`): a
  /// short side with a crop, or a height and a width that are equal, for a squashed picture.
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("do_resize", config.do_resize ?? true, is: true)
    let filter: ResamplingFilter
    // Pillow's numbers.
    switch config.resample ?? 3 {
    case 2: filter = .pillowBilinear
    case 3: filter = .pillowBicubic
    case let other:
      throw ConfigurationError.unsupported(
        file: file.path, key: "resample", value: "\(other)", supported: "2 or 3")
    }
    let (mode, side) = try Self.geometry(config, in: file)
    let normalization = try PixelNormalization(file, by: (Self.clipMean, Self.clipDeviation))
    self.init(
      mode: mode, side: side, filter: filter, rescale: normalization.rescale, mean: normalization.mean,
      deviation: normalization.deviation)
  }

  private static func geometry(
    _ config: Published, in file: ConfigurationFile
  ) throws -> (Mode, side: Int) {
    let crops = config.do_center_crop ?? true
    let size = config.size ?? .side(224)
    if let edge = size.shortestEdge {
      guard (1...4096).contains(edge) else { throw file.bad("size") }
      // Without a crop the result would not be a square.
      try file.require("do_center_crop", crops, is: true)
      let crop = try square(config.crop_size ?? .side(224), "crop_size", in: file)
      return (.centreCrop(edge: edge), crop)
    }
    let side = try square(size, "size", in: file)
    if crops {
      try file.require("crop_size", try square(config.crop_size ?? .side(224), "crop_size", in: file), is: side)
    }
    return (.squash, side)
  }

  private static func square(
    _ size: PublishedSize, _ key: String, in file: ConfigurationFile
  ) throws -> Int {
    let side: Int?
    if case .side(let length) = size {
      side = length
    } else {
      side = size["height"] == size["width"] ? size["height"] : nil
    }
    guard let side, (1...4096).contains(side) else { throw file.bad(key) }
    return side
  }
}

/// `preprocessor_config.json` as it is published; names are the file's.
private struct Published: Decodable {
  var size: PublishedSize?
  var crop_size: PublishedSize?
  var do_resize: Bool?
  var do_center_crop: Bool?
  var resample: Int?
}

extension PublishedSize {
  /// As `size`, a single length is the short side's.
  fileprivate var shortestEdge: Int? {
    if case .side(let length) = self { length } else { self["shortest_edge"] }
  }
}
