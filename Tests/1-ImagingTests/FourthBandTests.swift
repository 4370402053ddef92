import CrayonCore
import Foundation
import Imaging
import Testing

/// Bands behind the colours are transparency where the file says so, and something else where it does not.
@Suite struct FourthBandTests {
  @Test(
    arguments: [
      // With transparency of 0, a red picture is white.
      (TIFF(bands: 4, extra: [1]), true), (TIFF(bands: 4, extra: [2]), true),
      (TIFF(bands: 4, extra: [2], isBigEndian: true), true), (TIFF(bands: 4, extra: [2], isWide: true), true),
      (TIFF(bands: 4, extra: [1], isBigEndian: true, isWide: true), true),
      (TIFF(bands: 4, extra: [0]), false), (TIFF(bands: 4, extra: nil), false),
      (TIFF(bands: 4, extra: [0], isBigEndian: true), false), (TIFF(bands: 4, extra: nil, isWide: true), false),
      (TIFF(bands: 5, extra: [0, 2]), true), (TIFF(bands: 5, extra: [2, 0]), true),
      (TIFF(bands: 6, extra: [0, 0, 1], isBigEndian: true), true),
      (TIFF(bands: 5, extra: [0, 2], isWide: true), true),
      (TIFF(bands: 5, extra: [0, 0]), false), (TIFF(bands: 5, extra: nil), false),
      (TIFF(bands: 3, extra: nil), false),
    ])
  func colours(tiff: TIFF, isTransparent: Bool) throws {
    let picture = try ImageDecoder().run(.init(name: "t", data: tiff.data))
    #expect(picture.width == TIFF.width && picture.height == TIFF.height)
    #expect(Array(picture.pixels.prefix(3)) == (isTransparent ? [255, 255, 255] : [255, 0, 0]))
  }

  @Test(
    arguments: [([2], 255), ([0], 200), (nil, 200), ([0, 2], 255), ([0, 0], 200)] as [([UInt16]?, UInt8)])
  func grey(extra: [UInt16]?, value: UInt8) throws {
    let tiff = TIFF(bands: 1 + max(1, extra?.count ?? 0), extra: extra, colours: 1)
    let picture = try ImageDecoder().run(.init(name: "t", data: tiff.data))
    #expect(picture.pixels.prefix(3).allSatisfy { $0 == value })
  }

  /// Of a mask what is transparent is outside.
  @Test(arguments: [(TIFF(bands: 4, extra: [2]), 0), (TIFF(bands: 4, extra: [0]), 255)] as [(TIFF, UInt8)])
  func overBlack(tiff: TIFF, red: UInt8) throws {
    let picture = try ImageDecoder(over: .black).run(.init(name: "t", data: tiff.data))
    #expect(Array(picture.pixels.prefix(3)) == [red, 0, 0])
  }

  /// Directories that lie about their sizes are read to their ends and no further.
  @Test func damagedDirectories() {
    let tiffs = [TIFF(bands: 5, extra: [0, 2]), TIFF(bands: 4, extra: [2], isBigEndian: true, isWide: true)]
    for tiff in tiffs {
      let data = tiff.data
      for position in 0..<min(data.count, 300) {
        for value: UInt8 in [0, 1, 0x7f, 0xff] {
          var damaged = data
          damaged[position] = value
          _ = RefusedPictureTests.refusal(damaged, mostPixels: 1 << 16)
        }
      }
      for count in 0..<data.count { _ = RefusedPictureTests.refusal(data.prefix(count), mostPixels: 1 << 16) }
    }
  }
}
