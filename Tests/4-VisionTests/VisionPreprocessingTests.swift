import Checkpoints
import CrayonCore
import Foundation
import Layers
import PNGFiles
import Resampling
import TestSupport
import Testing
import Vision

/// Pictures of odd shapes as the models' own tools hand them to their towers: CLIP's image processor with crops
/// smaller than, equal to and larger than the picture, squashed, and in the middle of a square.
@Suite struct VisionPreprocessingTests {
  static let folder = Fixtures.folder.appendingPathComponent("4-Vision/pictures")

  struct Case: Decodable {
    var key: String
    var picture: String
    var mode: String
    var side: Int
    var edge: Int
    var filter: ResamplingFilter

    var preprocessing: VisionPreprocessing {
      var result = VisionPreprocessing(mode: .squash, side: side, filter: filter)
      switch mode {
      case "centreCrop": result.mode = .centreCrop(edge: edge)
      case "padWhite": result.mode = .padToSquare(border: SIMD3(repeating: 255))
      // LLaVA's: CLIP's mean, fractions cut off.
      case "padMean": result.mode = .padToSquare(border: SIMD3(122, 116, 104))
      default: break
      }
      return result
    }
  }

  static func picture(_ name: String) throws -> RGBImage {
    let decoded = try PNG.decode(Data(contentsOf: folder.appendingPathComponent("\(name).png")))
    return RGBImage(width: decoded.width, height: decoded.height, pixels: decoded.rgb)
  }

  @Test func pixelsAreThoseOfTheImageProcessor() throws {
    let cases = try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: Self.folder.appendingPathComponent("cases.json")))
    let expected = try Checkpoint(file: Self.folder.appendingPathComponent("expected.safetensors"))
    #expect(cases.count == 35)
    for test in cases {
      let pixels = test.preprocessing(try Self.picture(test.picture))
      let wanted = ChannelsFirst.map(try expected.tensor(test.key))
      #expect(pixels.height == wanted.height && pixels.width == wanted.width)
      // A byte that differs by one is 2e-3 of the largest value.
      let closeness = Closeness(pixels.values.values, to: wanted.values.values)
      #expect(
        closeness.relative < 1e-6, "\(test.picture), \(test.mode) \(test.edge) to \(test.side): \(closeness)")
    }
  }

  /// A bright square in a black picture is where the frame says it is.
  @Test(arguments: [
    VisionPreprocessing.Mode.squash, .padToSquare(border: SIMD3(repeating: 0)), .centreCrop(edge: 64),
    .centreCrop(edge: 80),
  ])
  func theFrameSaysWhereThingsAre(mode: VisionPreprocessing.Mode) throws {
    let (width, height) = (300, 200)
    let box = PixelBox(x0: 120, y0: 70, x1: 180, y1: 130)
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in box.y0..<box.y1 {
      for index in (y * width + box.x0) * 3..<(y * width + box.x1) * 3 { pixels[index] = 255 }
    }
    let preprocessing = VisionPreprocessing(mode: mode, side: 64, filter: .pillowBilinear)
    let square = preprocessing.square(RGBImage(width: width, height: height, pixels: pixels))
    let bright = (0..<64 * 64).filter { square.pixels[$0 * 3] > 127 }
    let columns = bright.map { $0 % 64 }
    let rows = bright.map { $0 / 64 }
    let seen = preprocessing.frame(width: width, height: height).pictureBox(
      of: FrameBox(
        x0: Double(columns.min() ?? 0) / 64, y0: Double(rows.min() ?? 0) / 64,
        x1: Double((columns.max() ?? 0) + 1) / 64, y1: Double((rows.max() ?? 0) + 1) / 64))
    // Within a pixel of the square.
    #expect(abs(seen.x0 - 120) < 5 && abs(seen.x1 - 180) < 5)
    #expect(abs(seen.y0 - 70) < 5 && abs(seen.y1 - 130) < 5)
  }

  /// Its long side would have two million pixels after resizing.
  @Test func aPictureOfOneRow() throws {
    let preprocessing = VisionPreprocessing(mode: .centreCrop(edge: 336), side: 336, filter: .pillowBicubic)
    let line = RGBImage(width: 20000, height: 1, pixels: [UInt8](repeating: 200, count: 60000))
    let square = preprocessing.square(line)
    #expect(square.pixels.allSatisfy { $0 == 200 })
  }

  static func read(_ json: String) throws -> VisionPreprocessing {
    let folder = try TemporaryFolder()
    try Data(json.utf8).write(to: folder.file("preprocessor_config.json"))
    return try VisionPreprocessing(readingJSON: folder.file("preprocessor_config.json"))
  }

  @Test func publishedConfigurations() throws {
    // openai/clip-vit-large-patch14-336, which writes lengths as numbers.
    #expect(
      try Self.read(
        #"{"crop_size": 336, "do_center_crop": true, "resample": 3, "size": 336, "image_mean": [0.48145466, 0.4578275, 0.40821073]}"#
      ) == VisionPreprocessing(mode: .centreCrop(edge: 336), side: 336, filter: .pillowBicubic))
    #expect(
      try Self.read(
        #"{"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "image_std": [1, 2, 3]}"#
      )
        == VisionPreprocessing(
          mode: .centreCrop(edge: 256), side: 224, filter: .pillowBicubic,
          normalization: PixelNormalization(mean: PixelNormalization.clip.mean, deviation: [1, 2, 3])))
    #expect(
      try Self.read(
        #"{"size": {"height": 256, "width": 256}, "do_center_crop": false, "resample": 2}"#)
        == VisionPreprocessing(mode: .squash, side: 256, filter: .pillowBilinear))
  }

  @Test(arguments: [
    (#"{"size": {"height": 256, "width": 128}, "do_center_crop": false}"#, "size"),
    (#"{"size": {"shortest_edge": 256}, "do_center_crop": false}"#, "do_center_crop"),
    (#"{"size": 336, "crop_size": 0}"#, "crop_size"),
    (#"{"size": 336, "crop_size": 336, "resample": 1}"#, "resample"),
    (#"{"size": 336, "crop_size": 336, "do_normalize": false}"#, "do_normalize"),
    (#"{"size": 336, "crop_size": 336, "image_mean": [1]}"#, "image_mean"),
    (#"{"size": 336, "crop_size": 336, "image_std": [1, 0, 1]}"#, "image_std"),
    (#"{"size": "large"}"#, "size"),
  ])
  func refusedConfigurations(json: String, key: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.read(json) }
    #expect(error?.description.contains("\"\(key)\"") == true)
  }
}
