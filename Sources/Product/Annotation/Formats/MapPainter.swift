import CrayonCore

/// What a format says of a segment, or of a part of one.
struct FormatShape {
  enum Area {
    /// Inside by the even-odd rule.
    case outline(Outline)
    /// Of the whole picture, or of a part of it whose upper left corner is at x and y.
    case mask(RunLengthMask, x: Int, y: Int)
  }

  /// The category's name; nil for what is void.
  var label: String?
  /// Whether the category is one of things; nil where the format does not say.
  var isThing: Bool?
  /// Which segment it belongs to; nil where the format does not say.
  var segment: Int?
  var isCrowd = false
  var score: Float?
  var area: Area
}

extension FormatShape {
  /// Of a map's segment.
  init(_ segment: CrayonCore.Segment, area: Area) {
    self.init(
      label: segment.category.name, segment: Int(segment.id), isCrowd: segment.isCrowd, score: segment.score,
      area: area)
    isThing = segment.category.isThing
  }
}

/// A picture as a format has it.
struct FormatPicture {
  var name: String
  /// The picture's file as the format leads to it, where that is not ``name``.
  var picture: String?
  var width: Int
  var height: Int
  /// In the order in which they are painted.
  var shapes: [FormatShape]

  /// Whether these are a width and a height that a picture can have.
  static func canMeasure(_ width: Int, _ height: Int) -> Bool {
    (1...1 << 15).contains(width) && (1...1 << 15).contains(height)
  }
}

/// Makes segments of shapes: each is painted over those before it.
struct MapPainter {
  struct Segment: Equatable {
    var label: String
    var isThing: Bool?
    var isCrowd: Bool
    var score: Float?
  }

  private(set) var ids: [Int32]
  private(set) var segments: [Int32: Segment] = [:]

  /// - Parameter kept: the map that the picture has had; a shape that says no number, and is mostly what a segment of the
  ///   same category was, keeps that one's
  init(_ picture: FormatPicture, keeping kept: PanopticMap? = nil) {
    ids = [Int32](repeating: PanopticMap.void, count: picture.width * picture.height)
    struct Key: Hashable {
      var segment: Int
      var label: String
    }
    var known: [Key: Int32] = [:]
    var taken: Set<Int32> = []
    // Numbers that the file says come first, so that none is given to another.
    for shape in picture.shapes {
      guard let label = shape.label, let segment = shape.segment, (1...PanopticMap.largestID).contains(segment),
        taken.insert(Int32(segment)).inserted
      else { continue }
      known[Key(segment: segment, label: label)] = Int32(segment)
    }
    let before = Set(kept?.segments.map(\.id) ?? [])
    var next = max(before.max() ?? 0, taken.max() ?? 0)
    // Behind all others, and where there are none left, in the first gap.
    func fresh() -> Int32 {
      if next < Int32(PanopticMap.largestID) {
        next += 1
        return next
      }
      return (1...Int32(PanopticMap.largestID)).first { !taken.contains($0) && !before.contains($0) }
        ?? PanopticMap.void
    }
    for shape in picture.shapes {
      let id: Int32
      if let label = shape.label {
        let key = shape.segment.map { Key(segment: $0, label: label) }
        if let found = key.flatMap({ known[$0] }) {
          id = found
        } else if key == nil, let found = Self.segment(like: shape, label, in: kept, picture),
          !taken.contains(found)
        {
          id = found
          taken.insert(found)
        } else {
          id = fresh()
          taken.insert(id)
          if let key { known[key] = id }
        }
        segments[id] = Segment(
          label: label, isThing: shape.isThing, isCrowd: shape.isCrowd, score: shape.score)
      } else {
        id = PanopticMap.void
      }
      Self.forEachRun(of: shape.area, picture) { row, columns in
        for column in columns { ids[row * picture.width + column] = id }
      }
    }
  }

  /// What is left of the segments when all is painted.
  var visible: [Int32: Segment] {
    let there = Set(ids)
    return segments.filter { there.contains($0.key) }
  }

  private static func segment(
    like shape: FormatShape, _ label: String, in map: PanopticMap?, _ picture: FormatPicture
  ) -> Int32? {
    guard let map, map.width == picture.width, map.height == picture.height else { return nil }
    var counts: [Int32: Int] = [:]
    var area = 0
    forEachRun(of: shape.area, picture) { row, columns in
      area += columns.count
      for column in columns { counts[map.ids[row * map.width + column], default: 0] += 1 }
    }
    return map.segments.filter { $0.category.name == label }.first { segment in
      let shared = counts[segment.id] ?? 0
      return 2 * shared > segment.area + area - shared
    }?.id
  }

  private static func forEachRun(
    of area: FormatShape.Area, _ picture: FormatPicture, _ body: (Int, Range<Int>) -> Void
  ) {
    switch area {
    case .outline(let outline): outline.forEachRun(width: picture.width, height: picture.height, body)
    case .mask(let mask, let x, let y):
      let pixels = mask.pixels
      for row in max(0, -y)..<max(min(mask.height, picture.height - y), max(0, -y)) {
        var column = max(0, -x)
        let end = min(mask.width, picture.width - x)
        while column < end {
          guard pixels[row * mask.width + column] else {
            column += 1
            continue
          }
          let first = column
          while column < end, pixels[row * mask.width + column] { column += 1 }
          body(row + y, first + x..<column + x)
        }
      }
    }
  }
}
