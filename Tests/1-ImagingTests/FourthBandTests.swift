import CrayonCore
import Foundation
import Imaging
import Testing

/// Bands behind the colours are transparency where the file says so, and something else where it does not.
@Suite struct FourthBandTests {
  /// An uncompressed TIFF, written by hand to say of its extra bands whatever a test wants.
  struct TIFF: Sendable {
    var bands: Int
    /// ExtraSamples, one a band behind the colours: 0 unspecified, 1 and 2 transparency; nil for no such tag.
    var extra: [UInt16]?
    var isBigEndian = false
    /// The form for files beyond four gigabytes.
    var isWide = false

    static let (width, height) = (4, 3)

    /// Red, with zeros in all bands behind.
    var data: Data {
      var data = Data(isBigEndian ? "MM".utf8 : "II".utf8)
      func bytes(_ value: UInt64, _ count: Int) -> Data {
        let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        return Data(isBigEndian ? little.reversed() : little)
      }
      let colours = bands < 3 ? 1 : 3
      let pixel = [UInt8](colours == 3 ? [255, 0, 0] : [200]) + [UInt8](repeating: 0, count: bands - colours)
      let pixels = (0..<Self.width * Self.height).flatMap { _ in pixel }
      var tags: [(tag: UInt64, type: UInt64, values: [UInt64])] = [
        (256, 3, [UInt64(Self.width)]), (257, 3, [UInt64(Self.height)]),
        (258, 3, Array(repeating: 8, count: bands)), (259, 3, [1]), (262, 3, [colours == 3 ? 2 : 1]),
        (273, 4, [0]),
        (277, 3, [UInt64(bands)]), (278, 3, [UInt64(Self.height)]), (279, 4, [UInt64(pixels.count)]),
        (284, 3, [1]),
      ]
      if let extra { tags.append((338, 3, extra.map(UInt64.init))) }
      let (start, field, entry) = isWide ? (16, 8, 20) : (8, 4, 12)
      let directory = (isWide ? 8 : 2) + tags.count * entry + field
      var behind = Data()
      let base = start + directory
      // What does not fit into an entry stands behind the directory; the pixels behind that.
      let sizes = tags.map { $0.values.count * ($0.type == 3 ? 2 : 4) }
      let pixelStart = base + sizes.filter { $0 > field }.reduce(0, +)
      data += isWide ? bytes(43, 2) + bytes(8, 2) + bytes(0, 2) + bytes(16, 8) : bytes(42, 2) + bytes(8, 4)
      data += bytes(UInt64(tags.count), isWide ? 8 : 2)
      for (index, var tag) in tags.enumerated() {
        if tag.tag == 273 { tag.values = [UInt64(pixelStart)] }
        let values = tag.values.reduce(into: Data()) { $0 += bytes($1, tag.type == 3 ? 2 : 4) }
        data += bytes(tag.tag, 2) + bytes(tag.type, 2) + bytes(UInt64(tag.values.count), field)
        if sizes[index] > field {
          data += bytes(UInt64(base + behind.count), field)
          behind += values
        } else {
          data += values + Data(repeating: 0, count: field - values.count)
        }
      }
      return data + Data(repeating: 0, count: field) + behind + Data(pixels)
    }
  }

  @Test(
    arguments: [
      // With transparency of 0, a red picture is white.
      (TIFF(bands: 4, extra: [1]), true), (TIFF(bands: 4, extra: [2]), true),
      (TIFF(bands: 4, extra: [2], isBigEndian: true), true), (TIFF(bands: 4, extra: [2], isWide: true), true),
      (TIFF(bands: 4, extra: [1], isBigEndian: true, isWide: true), true),
      (TIFF(bands: 4, extra: [0]), false), (TIFF(bands: 4, extra: nil), false),
      (TIFF(bands: 4, extra: [0], isBigEndian: true), false), (TIFF(bands: 4, extra: nil, isWide: true), false),
      (TIFF(bands: 5, extra: [0, 0]), false), (TIFF(bands: 5, extra: nil), false),
      (TIFF(bands: 3, extra: nil), false),
    ])
  func colours(tiff: TIFF, isTransparent: Bool) throws {
    let picture = try ImageDecoder().run(.init(name: "t", data: tiff.data))
    #expect(picture.width == TIFF.width && picture.height == TIFF.height)
    #expect(Array(picture.pixels.prefix(3)) == (isTransparent ? [255, 255, 255] : [255, 0, 0]))
  }

  @Test(arguments: [([2], 255), ([0], 200), (nil, 200)] as [([UInt16]?, UInt8)])
  func grey(extra: [UInt16]?, value: UInt8) throws {
    let tiff = TIFF(bands: 2, extra: extra)
    let picture = try ImageDecoder().run(.init(name: "t", data: tiff.data))
    #expect(picture.pixels.prefix(3).allSatisfy { $0 == value })
  }

  /// Directories that lie about their sizes are read to their ends and no further.
  @Test func damagedDirectories() {
    let tiffs = [TIFF(bands: 4, extra: [2]), TIFF(bands: 4, extra: [2], isBigEndian: true, isWide: true)]
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
