public import Foundation

/// One segment of a panoptic map: an object, or a region of stuff. It may have several components.
public struct Segment: Sendable, Hashable {
  /// The value its pixels carry; positive, unique within the map.
  public let id: Int32
  /// What the segment is.
  public let category: Category
  /// The segmenter's confidence in 0…1; nil where a person or a file gave the map.
  public let score: Float?
  /// COCO's `iscrowd`: a group of objects that was outlined as one.
  public let isCrowd: Bool
  /// The number of its pixels, counted.
  public let area: Int
  /// The smallest box around its pixels.
  public let box: PixelBox

  package init(
    id: Int32, category: Category, score: Float?, isCrowd: Bool, area: Int, box: PixelBox
  ) {
    self.id = id
    self.category = category
    self.score = score
    self.isCrowd = isCrowd
    self.area = area
    self.box = box
  }
}

/// A panoptic segmentation: for every pixel the id of its segment, or ``void`` where nothing was named.
///
/// Invariants, which every initialiser establishes: segment ids are positive and unique; every pixel is
/// void or carries the id of a listed segment; every listed segment has at least one pixel; areas and
/// boxes are those of the pixels. Segments are kept in ascending order of id.
public struct PanopticMap: Sendable, Equatable {
  /// The value of a pixel that belongs to no segment.
  public static let void: Int32 = 0

  /// What is known of a segment besides its pixels.
  public struct Label: Sendable, Hashable {
    /// What the segment is.
    public var category: Category
    /// 0 to 1; nil where none is known.
    public var score: Float?
    /// Several objects in one segment.
    public var isCrowd: Bool

    /// Memberwise.
    public init(category: Category, score: Float? = nil, isCrowd: Bool = false) {
      self.category = category
      self.score = score
      self.isCrowd = isCrowd
    }
  }

  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Row-major [height, width].
  public let ids: [Int32]
  /// In ascending order of id.
  public let segments: [Segment]

  /// Measures the segments from the pixels.
  /// - Throws: ``PanopticMapError`` when an id is not positive, a pixel's id has no label, or a label
  ///   has no pixel.
  public init(width: Int, height: Int, ids: [Int32], labels: [Int32: Label]) throws {
    precondition(width > 0 && height > 0 && ids.count == width * height)
    let extents = Self.measure(ids: ids, width: width)
    if let id = labels.keys.first(where: { $0 <= 0 }) { throw PanopticMapError.idNotPositive(id) }
    for id in extents.keys.sorted() where labels[id] == nil {
      throw PanopticMapError.pixelsWithoutSegment(id: id)
    }
    self.width = width
    self.height = height
    self.ids = ids
    self.segments = try labels.sorted { $0.key < $1.key }.map { id, label in
      guard let extent = extents[id] else { throw PanopticMapError.segmentWithoutPixels(id: id) }
      return Segment(
        id: id, category: label.category, score: label.score, isCrowd: label.isCrowd,
        area: extent.area, box: extent.box)
    }
  }

  /// The number of void pixels.
  public var voidArea: Int { width * height - segments.reduce(0) { $0 + $1.area } }

  struct Extent {
    var area: Int
    var box: PixelBox
  }

  /// Area and box of every non-void id, by runs along the rows, so that the dictionary is asked once a
  /// run and not once a pixel.
  static func measure(ids: [Int32], width: Int) -> [Int32: Extent] {
    var extents: [Int32: Extent] = [:]
    ids.withUnsafeBufferPointer { ids in
      var start = 0
      while start < ids.count {
        let id = ids[start]
        let y = start / width
        let rowEnd = (y + 1) * width
        var end = start + 1
        while end < rowEnd && ids[end] == id { end += 1 }
        if id != void {
          let x0 = start - y * width
          let x1 = end - y * width
          if var extent = extents[id] {
            extent.area += end - start
            extent.box.x0 = min(extent.box.x0, x0)
            extent.box.x1 = max(extent.box.x1, x1)
            extent.box.y1 = y + 1
            extents[id] = extent
          } else {
            extents[id] = Extent(
              area: end - start, box: PixelBox(x0: x0, y0: y, x1: x1, y1: y + 1))
          }
        }
        start = end
      }
    }
    return extents
  }
}

extension PanopticMap {
  /// The map at another size, by the nearest pixel. Segments that vanish are left out.
  /// - Precondition: neither side is zero.
  public func resized(width newWidth: Int, height newHeight: Int) throws -> PanopticMap {
    let columns = (0..<newWidth).map { min(($0 * 2 + 1) * width / (2 * newWidth), width - 1) }
    var left: Set<Int32> = []
    let resized = [Int32](unsafeUninitializedCapacity: newWidth * newHeight) { to, count in
      ids.withUnsafeBufferPointer { ids in
        for y in 0..<newHeight {
          let row = min((y * 2 + 1) * height / (2 * newHeight), height - 1) * width
          var last = Self.void
          for x in 0..<newWidth {
            let id = ids[row + columns[x]]
            to[y * newWidth + x] = id
            // Once a run, and not once a pixel.
            if id != last { left.insert(id) }
            last = id
          }
        }
      }
      count = newWidth * newHeight
    }
    let labels = segments.filter { left.contains($0.id) }.map { segment in
      (segment.id, Label(category: segment.category, score: segment.score, isCrowd: segment.isCrowd))
    }
    return try PanopticMap(
      width: newWidth, height: newHeight, ids: resized,
      labels: Dictionary(labels, uniquingKeysWith: { first, _ in first }))
  }
}

extension PanopticMap: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["2-panoptic.png", "2-panoptic.json"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let png = folder.appendingPathComponent(Self.fileNames[0])
    try AtomicFile.write(try encodedPNG(name: png.path), to: png)
    let file = SingleMap(
      segments_info: segmentsInfo,
      categories: Set(self.segments.map(\.category)).sorted { $0.id < $1.id }.map(COCOPanoptic.Entry.init))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try AtomicFile.write(
      try encoder.encode(file), to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  /// - Throws: an error that names the file and what is wrong with it
  public init(readingFrom folder: URL) throws {
    try self.init(readingPNG: folder.appendingPathComponent(Self.fileNames[0]))
  }
}

/// What `2-panoptic.json` holds.
private struct SingleMap: Encodable {
  var segments_info: [COCOPanoptic.SegmentInfo]
  var categories: [COCOPanoptic.Entry]
}

/// Why pixels and labels do not make a ``PanopticMap``.
public enum PanopticMapError: Error, Equatable, CustomStringConvertible {
  case idNotPositive(Int32)
  case pixelsWithoutSegment(id: Int32)
  case segmentWithoutPixels(id: Int32)

  public var description: String {
    switch self {
    case .idNotPositive(let id):
      "segment id \(id) cannot be used: ids start at 1, and 0 is kept for unlabelled pixels"
    case .pixelsWithoutSegment(let id):
      "pixels carry the id \(id), but no segment with that id is listed"
    case .segmentWithoutPixels(let id):
      "segment \(id) is listed, but no pixel carries its id"
    }
  }
}
