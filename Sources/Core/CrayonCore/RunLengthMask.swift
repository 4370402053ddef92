/// A mask as COCO keeps it: the lengths of runs, column by column from the upper left, of pixels outside and inside in
/// turn, beginning outside.
public struct RunLengthMask: Sendable, Hashable {
  public let width: Int
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

  /// - Parameter pixels: row-major [height, width]
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
