import Checkpoints
public import Foundation

extension SAMPreprocessing {
  /// Reads `preprocessor_config.json` as it lies beside a published SAM (transformers' `SamImageProcessor`).
  /// - Parameter side: of the square that the model sees, which the file must agree with
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL, side: Int) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("do_resize", config.do_resize ?? true, is: true)
    try file.require("do_pad", config.do_pad ?? true, is: true)
    // Pillow's number for bilinear.
    try file.require("resample", config.resample ?? 2, is: 2)
    for (key, size, names) in [
      ("size", config.size, ["longest_edge"]), ("pad_size", config.pad_size, ["height", "width"]),
    ] {
      for name in names {
        guard let length = size == nil ? 1024 : size?[name] else { throw file.bad(key) }
        try file.require("\(key).\(name)", length, is: side)
      }
    }
    let normalization = try PixelNormalization(file)
    self.init(
      side: side, rescale: normalization.rescale, mean: normalization.mean,
      deviation: normalization.deviation)
  }
}

/// `preprocessor_config.json` as it is published; names are the file's.
private struct Published: Decodable {
  var do_resize: Bool?
  var do_pad: Bool?
  var resample: Int?
  var size: PublishedSize?
  var pad_size: PublishedSize?
}
