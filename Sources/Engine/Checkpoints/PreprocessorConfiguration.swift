/// How bytes of a picture become a model's values: (byte · rescale − mean) / deviation, channel by channel.
public struct PixelNormalization: Sendable, Equatable {
  /// What a byte is multiplied by.
  public let rescale: Float
  /// By channel, red first.
  public let mean: [Float]
  /// What pixels are divided by, by channel.
  public let deviation: [Float]

  /// - Precondition: there are three means and deviations.
  public init(rescale: Float = 1 / 255, mean: [Float], deviation: [Float]) {
    precondition(mean.count == 3 && deviation.count == 3)
    self.rescale = rescale
    self.mean = mean
    self.deviation = deviation
  }

  /// ImageNet's, which transformers takes where a file says nothing.
  public static let imageNet = PixelNormalization(
    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
  /// CLIP's own.
  public static let clip = PixelNormalization(
    mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711])

  /// Numbers of a configuration file, under the keys that transformers gives them.
  /// - Throws: ``ConfigurationError`` naming the key
  package init(rescale: Float, mean: [Float], deviation: [Float], in file: ConfigurationFile) throws {
    guard rescale.isFinite else { throw file.bad("rescale_factor") }
    guard mean.count == 3, mean.allSatisfy(\.isFinite) else { throw file.bad("image_mean") }
    guard deviation.count == 3, deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw file.bad("image_std")
    }
    self.init(rescale: rescale, mean: mean, deviation: deviation)
  }

  /// Reads what `preprocessor_config.json` says of it.
  /// - Parameters:
  ///   - file: `preprocessor_config.json`
  ///   - defaults: for what it does not say
  /// - Throws: ``ConfigurationError`` naming the key
  package init(_ file: ConfigurationFile, defaults: PixelNormalization = .imageNet) throws {
    let keys = try file.decode(Keys.self)
    try file.require("do_rescale", keys.do_rescale ?? true, is: true)
    try file.require("do_normalize", keys.do_normalize ?? true, is: true)
    try self.init(
      rescale: keys.rescale_factor ?? defaults.rescale, mean: keys.image_mean ?? defaults.mean,
      deviation: keys.image_std ?? defaults.deviation, in: file)
  }

  /// Names are the file's.
  private struct Keys: Decodable {
    var do_rescale: Bool?
    var do_normalize: Bool?
    var rescale_factor: Float?
    var image_mean: [Float]?
    var image_std: [Float]?
  }
}

/// A size in `preprocessor_config.json`: a dictionary of named sides, or in older files one length.
package enum PublishedSize: Decodable, Equatable {
  case side(Int)
  /// Sides that are null are left out.
  case named([String: Int])
  /// Neither; ``ConfigurationFile/bad(_:)`` says what.
  case other

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let side = try? container.decode(Int.self) {
      self = .side(side)
    } else if let named = try? container.decode([String: Int?].self) {
      self = .named(named.compactMapValues { $0 })
    } else {
      self = .other
    }
  }

  /// A named side.
  package subscript(_ name: String) -> Int? {
    if case .named(let named) = self { named[name] } else { nil }
  }
}

extension ConfigurationFile {
  /// The error of a value that cannot be used, shown as the file has it.
  package func bad(_ key: String) -> ConfigurationError {
    .badValue(file: path, key: key, value: text(of: key))
  }
}
