import CrayonCore
import Foundation
import Imaging
import Panoptic
import TestSupport
import Testing

/// Noise, resized by Pillow to sizes that shrink, stretch and do both.
@Suite struct PillowResamplingTests {
  static func picture(_ name: String) throws -> RGBImage {
    let file = Fixtures.folder.appendingPathComponent("2-Panoptic/pillow/\(name).png")
    return try ImageDecoder().run(.init(file: file))
  }

  @Test(arguments: [(53, 37), (106, 74), (20, 11), (160, 7), (3, 90), (1, 1), (64, 32)])
  func everyByteIsPillows(width: Int, height: Int) throws {
    let resized = PillowResampling.resize(try Self.picture("source"), width: width, height: height)
    let isEqual = try resized == Self.picture("\(width)x\(height)")
    #expect(isEqual)
  }
}
