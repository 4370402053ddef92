import Foundation

/// An uncompressed TIFF, written by hand to say of its extra bands whatever a test wants.
struct TIFF: Sendable {
  var bands: Int
  /// ExtraSamples, one a band behind the colours: 0 unspecified, 1 and 2 transparency; nil for no such tag.
  var extra: [UInt16]?
  var isBigEndian = false
  /// The form for files beyond four gigabytes.
  var isWide = false
  /// How many of the bands are colours.
  var colours = 3
  /// The samples of each pixel, as bits; nil for red, or a light grey, with zeros in all bands behind.
  var pixel: [UInt64]?
  /// In each sample.
  var sampleBytes = 1
  /// SampleFormat: 1 whole numbers, 2 with signs, 3 fractions.
  var format: UInt64 = 1
  /// PhotometricInterpretation; nil for what the number of colours says.
  var photometric: UInt64?

  static let (width, height) = (4, 3)

  var data: Data {
    var data = Data(isBigEndian ? "MM".utf8 : "II".utf8)
    func bytes(_ value: UInt64, _ count: Int) -> Data {
      let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
      return Data(isBigEndian ? little.reversed() : little)
    }
    let light: [UInt64] = colours == 3 ? [255, 0, 0] : [200]
    let pixel = self.pixel ?? light + Array(repeating: 0, count: bands - colours)
    let samples = pixel.reduce(into: Data()) { $0 += bytes($1, sampleBytes) }
    let pixels = (0..<Self.width * Self.height).reduce(into: Data()) { data, _ in data += samples }
    var tags: [(tag: UInt64, type: UInt64, values: [UInt64])] = [
      (256, 3, [UInt64(Self.width)]), (257, 3, [UInt64(Self.height)]),
      (258, 3, Array(repeating: UInt64(8 * sampleBytes), count: bands)), (259, 3, [1]),
      (262, 3, [photometric ?? (colours == 3 ? 2 : 1)]),
      (273, 4, [0]),
      (277, 3, [UInt64(bands)]), (278, 3, [UInt64(Self.height)]), (279, 4, [UInt64(pixels.count)]),
      (284, 3, [1]),
    ]
    if let extra { tags.append((338, 3, extra.map(UInt64.init))) }
    tags.append((339, 3, Array(repeating: format, count: bands)))
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
    return data + Data(repeating: 0, count: field) + behind + pixels
  }
}
