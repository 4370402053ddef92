package import CrayonCore
package import Drawing
package import Pipeline

/// What the page's script works on.
package struct PageData: Sendable, Encodable {
  struct Map: Sendable, Encodable {
    var width: Int
    var height: Int
    /// Ids and how often each is repeated, row by row.
    var runs: [Int]
  }

  struct Grid: Sendable, Encodable {
    var rows: Int
    var columns: Int
    var ids: [Int32]
    var semantic: [Int]
    var numbering: [Int]
  }

  struct Segment: Sendable, Encodable {
    var id: Int32
    var semantic: Int
  }

  struct Region: Sendable, Encodable {
    var number: Int
    var phrase: String
    /// x0, y0, x1, y1 in fractions of the picture.
    var box: [Double]
    /// Zeros and ones and how often each is repeated, at the map's size here.
    var mask: [Int]?
  }

  var map: Map
  var grid: Grid
  var segments: [Segment]
  /// By id, as `#rrggbb`.
  var colours: [String: String]
  var regions: [Region]
  var regionColours: [String]

  /// A map that is only displayed need not be larger.
  package static let longestSide = 640

  /// - Parameter longestSide: of the map in it
  package init(
    _ picture: SeenPicture, _ found: Regions?, colours: [Int32: Colour], longestSide: Int = Self.longestSide
  ) throws {
    let scale = min(1, Double(longestSide) / Double(max(picture.map.width, picture.map.height)))
    func scaled(_ length: Int) -> Int { max(1, Int((Double(length) * scale).rounded())) }
    let shown = try picture.map.resized(width: scaled(picture.map.width), height: scaled(picture.map.height))
    map = Map(width: shown.width, height: shown.height, runs: Self.runs(shown.ids))
    let crayon = picture.crayon
    grid = Grid(
      rows: crayon.grid.rows, columns: crayon.grid.columns, ids: crayon.ids, semantic: crayon.semantic,
      numbering: crayon.numbering)
    segments = crayon.objects.map { Segment(id: $0.id, semantic: $0.semantic) }
    self.colours = Dictionary(
      colours.map { (String($0), $1.hexadecimal) }, uniquingKeysWith: { first, _ in first })
    let (width, height) = (Double(picture.image.width), Double(picture.image.height))
    regions = (found?.regions ?? []).map { region in
      Region(
        number: region.number, phrase: region.phrase,
        box: [region.box.x0 / width, region.box.y0 / height, region.box.x1 / width, region.box.y1 / height],
        mask: region.mask.map { Self.runs(Self.sampled($0, width: shown.width, height: shown.height)) })
    }
    regionColours = regions.indices.map { RegionOverlay.colour($0).hexadecimal }
  }

  /// A mask at another size, by the nearest pixel.
  private static func sampled(_ mask: RunLengthMask, width: Int, height: Int) -> [Int] {
    let pixels = mask.pixels
    return (0..<width * height).map { index in
      let x = (index % width * 2 + 1) * mask.width / (2 * width)
      let y = (index / width * 2 + 1) * mask.height / (2 * height)
      return pixels[min(y, mask.height - 1) * mask.width + min(x, mask.width - 1)] ? 1 : 0
    }
  }

  /// Values and how often each is repeated.
  package static func runs<Value: BinaryInteger>(_ values: [Value]) -> [Int] {
    var runs: [Int] = []
    values.withUnsafeBufferPointer { values in
      var start = 0
      while start < values.count {
        var end = start + 1
        while end < values.count && values[end] == values[start] { end += 1 }
        runs += [Int(values[start]), end - start]
        start = end
      }
    }
    return runs
  }
}

extension Colour {
  /// `#rrggbb`
  var hexadecimal: String {
    "#" + [red, green, blue].map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
