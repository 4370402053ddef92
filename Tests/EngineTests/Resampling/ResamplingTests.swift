import Foundation
import PNGFiles
import Resampling
import TestSupport
import Testing

/// Noise, resized by Pillow and by torch to sizes that shrink, stretch and do both.
@Suite struct ResamplingTests {
  static func picture(_ name: String) throws -> PNG.Pixels {
    let file = Fixtures.folder.appendingPathComponent("Resampling/\(name).png")
    return try PNG.decode(Data(contentsOf: file))
  }

  @Test(
    arguments: ResamplingFilter.allCases,
    [(53, 37), (106, 74), (20, 11), (160, 7), (3, 90), (1, 1), (64, 32), (50, 20), (45, 21)])
  func everyByteIsTheReferences(filter: ResamplingFilter, size: (width: Int, height: Int)) throws {
    let source = try Self.picture("source")
    let resized = filter.resize(
      source.rgb, width: source.width, height: source.height, toWidth: size.width, height: size.height)
    let expected = try Self.picture("\(filter.rawValue)/\(size.width)x\(size.height)")
    let different = zip(resized, expected.rgb).count { $0 != $1 }
    #expect(resized.count == expected.rgb.count && different == 0)
  }
}
