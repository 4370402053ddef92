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
    public var category: Category
    public var score: Float?
    public var isCrowd: Bool

    public init(category: Category, score: Float? = nil, isCrowd: Bool = false) {
      self.category = category
      self.score = score
      self.isCrowd = isCrowd
    }
  }

  public let width: Int
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
