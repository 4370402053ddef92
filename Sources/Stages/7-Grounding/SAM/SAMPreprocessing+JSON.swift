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
    try file.require("do_rescale", config.do_rescale ?? true, is: true)
    try file.require("do_normalize", config.do_normalize ?? true, is: true)
    try file.require("do_pad", config.do_pad ?? true, is: true)
    // Pillow's number for bilinear.
    try file.require("resample", config.resample ?? 2, is: 2)
    try file.require("size.longest_edge", config.size?["longest_edge"] ?? 1024, is: side)
    try file.require("pad_size.height", config.pad_size?["height"] ?? 1024, is: side)
    try file.require("pad_size.width", config.pad_size?["width"] ?? 1024, is: side)
    let mean = config.image_mean ?? [0.485, 0.456, 0.406]
    let deviation = config.image_std ?? [0.229, 0.224, 0.225]
    guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
      throw ConfigurationError.badValue(file: file.path, key: "image_mean", value: "\(mean)")
    }
    guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw ConfigurationError.badValue(file: file.path, key: "image_std", value: "\(deviation)")
    }
    self.init(
      side: side, rescale: config.rescale_factor ?? 1 / 255, mean: mean, deviation: deviation)
  }
}

/// `preprocessor_config.json` as it is published; names are the file's.
private struct Published: Decodable {
  var do_resize: Bool?
  var do_rescale: Bool?
  var do_normalize: Bool?
  var do_pad: Bool?
  var resample: Int?
  var size: [String: Int]?
  var pad_size: [String: Int]?
  var rescale_factor: Float?
  var image_mean: [Float]?
  var image_std: [Float]?
}
