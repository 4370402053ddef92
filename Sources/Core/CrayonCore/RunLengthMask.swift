public import Foundation
import PNGFiles

/// A mask as COCO keeps it: the lengths of runs, column by column from the upper left, of pixels outside and inside in
/// turn, beginning outside.
public struct RunLengthMask: Sendable, Hashable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// The lengths of the runs, outside first, so the first may be 0; together as many as there are pixels.
  public let runs: [Int]

  /// - Throws: ``RunLengthMaskError`` when a length is negative, or they are not as many pixels as the sides say.
  public init(width: Int, height: Int, runs: [Int]) throws {
    guard (1...1 << 24).contains(width), (1...1 << 24).contains(height) else {
      throw RunLengthMaskError.badSize(width: width, height: height)
    }
    var total = 0
    for run in runs {
      guard run >= 0, run <= width * height - total else {
        throw RunLengthMaskError.wrongTotal(width: width, height: height)
      }
      total += run
    }
    guard total == width * height else {
      throw RunLengthMaskError.wrongTotal(width: width, height: height)
    }
    self.width = width
    self.height = height
    self.runs = runs
  }

  /// - Parameters:
  ///   - width: in pixels, 1 or more
  ///   - height: in pixels, 1 or more
  ///   - pixels: row-major [height, width]
  /// - Precondition: `pixels` has that many values, and no side is zero.
  public init(width: Int, height: Int, pixels: [Bool]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height)
    var runs: [Int] = []
    var current = false
    var length = 0
    pixels.withUnsafeBufferPointer { pixels in
      for x in 0..<width {
        for y in 0..<height {
          if pixels[y * width + x] == current {
            length += 1
          } else {
            runs.append(length)
            current.toggle()
            length = 1
          }
        }
      }
    }
    self.width = width
    self.height = height
    self.runs = runs + [length]
  }

  /// Row-major [height, width].
  public var pixels: [Bool] {
    var pixels = [Bool](repeating: false, count: width * height)
    forEachInside { position, length in
      for offset in position..<position + length {
        pixels[offset % height * width + offset / height] = true
      }
    }
    return pixels
  }

  /// The number of pixels inside.
  public var area: Int {
    var area = 0
    forEachInside { _, length in area += length }
    return area
  }

  /// Whether no pixel is in it.
  public var isEmpty: Bool { area == 0 }

  /// The smallest box around the pixels inside; nil where there are none.
  public var box: PixelBox? {
    var box: PixelBox?
    forEachInside { position, length in
      guard length > 0 else { return }
      let (first, last) = (position / height, (position + length - 1) / height)
      // A run that goes on in the next column reaches from its foot to its head.
      let (top, bottom) = first == last ? (position % height, position % height + length) : (0, height)
      let old = box ?? PixelBox(x0: first, y0: top, x1: last + 1, y1: bottom)
      box = PixelBox(
        x0: min(old.x0, first), y0: min(old.y0, top), x1: max(old.x1, last + 1), y1: max(old.y1, bottom))
    }
    return box
  }

  /// The number of pixels that are inside of both masks.
  /// - Precondition: both have one size.
  public func intersectionArea(with other: RunLengthMask) -> Int {
    precondition(width == other.width && height == other.height)
    var (mine, theirs) = (0, 0)
    var (left, right) = (runs.first ?? 0, other.runs.first ?? 0)
    var area = 0
    while mine < runs.count && theirs < other.runs.count {
      let step = min(left, right)
      // Every second run is inside.
      if mine % 2 == 1 && theirs % 2 == 1 { area += step }
      left -= step
      right -= step
      if left == 0 {
        mine += 1
        if mine < runs.count { left = runs[mine] }
      }
      if right == 0 {
        theirs += 1
        if theirs < other.runs.count { right = other.runs[theirs] }
      }
    }
    return area
  }

  /// The pixels that are inside of either mask.
  /// - Precondition: both have one size.
  public func union(_ other: RunLengthMask) -> RunLengthMask {
    precondition(width == other.width && height == other.height)
    return RunLengthMask(width: width, height: height, pixels: zip(pixels, other.pixels).map { $0 || $1 })
  }

  /// What both masks share, of what they cover together; 0 where both are empty.
  /// - Precondition: both have one size.
  public func intersectionOverUnion(_ other: RunLengthMask) -> Double {
    let shared = intersectionArea(with: other)
    let union = area + other.area - shared
    return union == 0 ? 0 : Double(shared) / Double(union)
  }

  /// Calls `body` with where each run of pixels inside starts, column by column, and its length.
  private func forEachInside(_ body: (Int, Int) -> Void) {
    var position = 0
    for (index, run) in runs.enumerated() {
      if index % 2 == 1 && run > 0 { body(position, run) }
      position += run
    }
  }
}

extension PanopticMap {
  /// The pixels of a segment.
  public func mask(of segment: Segment) -> RunLengthMask {
    RunLengthMask(width: width, height: height, pixels: ids.map { $0 == segment.id })
  }
}

extension RunLengthMask {
  /// The runs as text, as pycocotools compresses them: from the fourth run on the difference to the run before the last
  /// one, in digits of five bits and a sixth that says whether another follows, each plus 48 as a character.
  public var cocoText: String {
    var text: [UInt8] = []
    for (index, run) in runs.enumerated() {
      var rest = index > 2 ? run - runs[index - 2] : run
      var goesOn = true
      while goesOn {
        var digit = rest & 31
        rest >>= 5
        // The digit's highest bit is the number's sign where nothing follows.
        goesOn = digit & 16 != 0 ? rest != -1 : rest != 0
        if goesOn { digit |= 32 }
        text.append(UInt8(digit + 48))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads ``cocoText``.
  /// - Throws: ``RunLengthMaskError``
  public init(width: Int, height: Int, cocoText: String) throws {
    var runs: [Int] = []
    var value = 0
    var shift = 0
    for (offset, byte) in cocoText.utf8.enumerated() {
      // Seven digits hold more than any picture has pixels.
      guard (48..<112).contains(byte), shift <= 35 else { throw RunLengthMaskError.badText(offset: offset) }
      let digit = Int(byte) - 48
      value |= (digit & 31) << shift
      shift += 5
      guard digit & 32 == 0 else { continue }
      if digit & 16 != 0 { value |= -1 << shift }
      if runs.count > 2 { value += runs[runs.count - 2] }
      guard value >= 0 else { throw RunLengthMaskError.badText(offset: offset) }
      runs.append(value)
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { throw RunLengthMaskError.badText(offset: cocoText.utf8.count) }
    try self.init(width: width, height: height, runs: runs)
  }
}

/// As COCO files have it: `{"size": [height, width], "counts": "…"}`; a list of numbers is read as well.
extension RunLengthMask: Codable {
  private enum Key: String, CodingKey {
    case size
    case counts
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let size = try container.decode([Int].self, forKey: .size)
    guard size.count == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: container, debugDescription: "the size of a mask is its height and its width")
    }
    do {
      if let text = try? container.decode(String.self, forKey: .counts) {
        try self.init(width: size[1], height: size[0], cocoText: text)
      } else {
        let runs = try container.decode([Int].self, forKey: .counts)
        try self.init(width: size[1], height: size[0], runs: runs)
      }
    } catch let error as RunLengthMaskError {
      throw DecodingError.dataCorruptedError(
        forKey: .counts, in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode([height, width], forKey: .size)
    try container.encode(cocoText, forKey: .counts)
  }
}

extension RunLengthMask {
  /// What polygons cover together, each as COCO's own code fills one: edges are walked in steps of a fifth of a pixel,
  /// and a column's pixels count from where the boundary crosses it (pycocotools, `rleFrPoly`).
  /// - Parameters:
  ///   - width: of the picture, in pixels, 1 to 32768
  ///   - height: of the picture, in pixels, 1 to 32768
  ///   - polygons: x and y in turn, in pixels; what has fewer than three corners covers nothing
  /// - Throws: ``RunLengthMaskError`` for a size or a corner that no picture has.
  public init(width: Int, height: Int, polygons: [[Double]]) throws {
    guard (1...1 << 15).contains(width), (1...1 << 15).contains(height) else {
      throw RunLengthMaskError.badSize(width: width, height: height)
    }
    var pixels = [Bool](repeating: false, count: width * height)
    for polygon in polygons where polygon.count >= 6 {
      guard polygon.allSatisfy({ abs($0) <= 65536 }) else { throw RunLengthMaskError.badPolygon }
      // Every crossing turns all that follows, column by column; the picture's end closes the last run.
      let crossings = PolygonBoundary(polygon).crossings(width: width, height: height) + [width * height]
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        for position in crossings[pair]..<crossings[pair + 1] {
          pixels[position % height * width + position / height] = true
        }
      }
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}

/// The points of a closed polygon's boundary on a grid of fifths of a pixel, one for every step along an edge's longer
/// axis.
private struct PolygonBoundary {
  private struct Point {
    var x: Int
    var y: Int
  }

  private var points: [Point] = []

  /// - Parameter corners: x and y in turn, three or more
  init(_ corners: [Double]) {
    var places: [Point] = []
    for index in stride(from: 0, to: corners.count - 1, by: 2) {
      places.append(Point(x: Int(5 * corners[index] + 0.5), y: Int(5 * corners[index + 1] + 0.5)))
    }
    places.append(places[0])
    for (from, to) in zip(places, places.dropFirst()) { walk(from, to) }
  }

  /// Walked the same way whichever end is first, so that neighbours agree on a shared edge.
  private mutating func walk(_ from: Point, _ to: Point) {
    let isFlat = abs(to.x - from.x) >= abs(to.y - from.y)
    let isTurned = isFlat ? from.x > to.x : from.y > to.y
    let (a, b) = isTurned ? (to, from) : (from, to)
    let count = isFlat ? b.x - a.x : b.y - a.y
    let rise = isFlat ? b.y - a.y : b.x - a.x
    let slope = count == 0 ? 0 : Double(rise) / Double(count)
    for step in 0...count {
      let t = isTurned ? count - step : step
      let across = Int(Double(isFlat ? a.y : a.x) + slope * Double(t) + 0.5)
      points.append(isFlat ? Point(x: a.x + t, y: across) : Point(x: across, y: a.y + t))
    }
  }

  /// Where the boundary crosses the columns of pixels, as positions counted column by column, in order.
  func crossings(width: Int, height: Int) -> [Int] {
    var crossings: [Int] = []
    for (before, point) in zip(points, points.dropFirst()) where point.x != before.x {
      let x = Self.pixels(point.x < before.x ? point.x : point.x - 1)
      guard x == x.rounded(.down), x >= 0, x <= Double(width - 1) else { continue }
      let y = min(max(Self.pixels(min(point.y, before.y)), 0), Double(height)).rounded(.up)
      crossings.append(Int(x) * height + Int(y))
    }
    return crossings.sorted()
  }

  /// A place among fifths in pixels.
  private static func pixels(_ fifths: Int) -> Double { (Double(fifths) + 0.5) / 5 - 0.5 }
}

extension RunLengthMask {
  /// The mask as a PNG of its size: white inside, black outside.
  public func encodedPNG() throws -> Data {
    let rgb = pixels.flatMap { inside -> [UInt8] in
      let value: UInt8 = inside ? 255 : 0
      return [value, value, value]
    }
    return try PNG.encode(PNG.Pixels(width: width, height: height, rgb: rgb), as: .map)
  }

  /// Writes it. The file appears whole or not at all.
  public func writePNG(to url: URL) throws { try AtomicFile.write(try encodedPNG(), to: url) }
}

/// Why something is no run-length mask.
public enum RunLengthMaskError: Error, Equatable, CustomStringConvertible {
  case badSize(width: Int, height: Int)
  case wrongTotal(width: Int, height: Int)
  case badText(offset: Int)
  case badPolygon

  public var description: String {
    switch self {
    case .badSize(let width, let height): "a mask cannot have \(width)×\(height) pixels"
    case .wrongTotal(let width, let height):
      "the runs of the mask are not the \(width)×\(height) pixels that it claims"
    case .badPolygon: "a corner of the mask's polygons lies beyond every picture"
    case .badText(let offset): "the text of the mask's runs is damaged at character \(offset)"
    }
  }
}
