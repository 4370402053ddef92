public import Foundation
public import PNGFiles

extension PanopticMap {
  /// The largest id that three bytes hold.
  public static let largestID = 1 << 24 - 1

  /// Puts a PNG of ids and its list of segments together, checking one against the other in both directions.
  /// - Parameters:
  ///   - name: the map, for messages
  ///   - segments: with ids that are unique and all occur; areas, where given, must be those counted
  /// - Throws: ``COCOPanopticError``
  public init(
    _ pixels: PNG.Pixels, segments: [COCOPanoptic.SegmentInfo], categories: CategoryTable, name: String
  ) throws {
    var labels: [Int32: Label] = [:]
    for info in segments {
      guard (1...Self.largestID).contains(info.id) else {
        throw COCOPanopticError.badSegmentID(map: name, segment: info.id)
      }
      guard let category = categories.category(id: info.category_id) else {
        throw COCOPanopticError.unknownCategory(
          map: name, segment: info.id, category: info.category_id)
      }
      let label = Label(category: category, score: info.score, isCrowd: info.iscrowd)
      guard labels.updateValue(label, forKey: Int32(info.id)) == nil else {
        throw COCOPanopticError.duplicateSegment(map: name, segment: info.id)
      }
    }
    do {
      try self.init(width: pixels.width, height: pixels.height, ids: pixels.ids, labels: labels)
    } catch let error as PanopticMapError {
      throw COCOPanopticError.inconsistent(map: name, reason: error.description)
    }
    let claimed = Dictionary(segments.map { (Int32($0.id), $0.area) }, uniquingKeysWith: { a, _ in a })
    for segment in self.segments {
      guard let area = claimed[segment.id] ?? nil, area != segment.area else { continue }
      throw COCOPanopticError.wrongArea(
        map: name, segment: Int(segment.id), claimed: area, counted: segment.area)
    }
  }

  /// Reads a map and the JSON that lists its segments: one map's own list (`segments_info` and `categories`
  /// at the top), or a dataset file, in which the map's entry has its file name.
  /// - Parameter json: nil for the file of the same name beside the map that ends in .json
  /// - Throws: ``COCOPanopticError``, or `PNGError`
  public init(readingPNG png: URL, json: URL? = nil) throws {
    let beside = png.deletingPathExtension().appendingPathExtension("json")
    guard json != nil || FileManager.default.fileExists(atPath: beside.path) else {
      throw COCOPanopticError.noJSON(map: png.path)
    }
    let listed = try COCOPanopticError.decoding(MapFile.self, from: json ?? beside)
    let table = try CategoryTable(
      listed.categories.map { Category(id: $0.id, name: $0.name, isThing: $0.isthing) })
    guard let segments = listed.segments(of: png.lastPathComponent) else {
      throw COCOPanopticError.noAnnotation(file: (json ?? beside).path, map: png.lastPathComponent)
    }
    try self.init(try Self.pixels(of: png), segments: segments, categories: table, name: png.path)
  }

  /// Reads the map of an annotation of a dataset.
  /// - Parameter folder: of the dataset's PNGs
  /// - Throws: ``COCOPanopticError``
  public init(
    _ annotation: COCOPanoptic.Annotation, in folder: URL, categories: CategoryTable
  ) throws {
    try self.init(
      png: folder.appendingPathComponent(annotation.file_name), annotation, categories: categories)
  }

  /// Reads a map whose segments an annotation lists.
  /// - Throws: ``COCOPanopticError``
  public init(
    png: URL, _ annotation: COCOPanoptic.Annotation, categories: CategoryTable
  ) throws {
    try self.init(
      try Self.pixels(of: png), segments: annotation.segments_info, categories: categories,
      name: png.path)
  }

  /// Reads a map that a person has edited: segments of the list that are gone are left out, and sizes are
  /// those of the pixels now. Ids that the list lacks are an error.
  /// - Throws: ``COCOPanopticError``
  public init(
    editedPNG png: URL, segments: [COCOPanoptic.SegmentInfo], categories: CategoryTable
  ) throws {
    let pixels = try Self.pixels(of: png)
    let left = Self.measure(ids: pixels.ids, width: pixels.width)
    let present = segments.filter { Int32(exactly: $0.id).map { left[$0] != nil } ?? false }.map { info in
      var info = info
      info.area = nil
      return info
    }
    try self.init(pixels, segments: present, categories: categories, name: png.path)
  }

  /// The ids as a PNG, which has been decoded again and compared.
  /// - Throws: ``COCOPanopticError`` or `PNGError`
  public func encodedPNG(name: String) throws -> Data {
    if let segment = segments.last, segment.id > Self.largestID {
      throw COCOPanopticError.badSegmentID(map: name, segment: Int(segment.id))
    }
    let pixels = PNG.Pixels(width: width, height: height, ids: ids)
    let data = try PNG.encode(pixels, as: .map)
    guard try PNG.decode(data) == pixels else {
      throw COCOPanopticError.changedWhenWritten(map: name)
    }
    return data
  }

  /// The segments as COCO lists them.
  public var segmentsInfo: [COCOPanoptic.SegmentInfo] {
    segments.map { segment in
      COCOPanoptic.SegmentInfo(
        id: Int(segment.id), category_id: segment.category.id, area: segment.area,
        bbox: segment.box.cocoXYWH, iscrowd: segment.isCrowd, score: segment.score)
    }
  }

  /// - Throws: ``COCOPanopticError`` or `PNGError`
  static func pixels(of url: URL) throws -> PNG.Pixels {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw COCOPanopticError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    do {
      return try PNG.decode(data)
    } catch let error as PNGError {
      throw COCOPanopticError.unreadable(file: url.path, reason: error.description)
    }
  }
}

/// Either form of JSON that can list a map's segments.
private struct MapFile: Decodable {
  var segments_info: [COCOPanoptic.SegmentInfo]?
  var annotations: [COCOPanoptic.Annotation]?
  var categories: [COCOPanoptic.Entry]

  func segments(of map: String) -> [COCOPanoptic.SegmentInfo]? {
    segments_info
      ?? annotations?.first { ($0.file_name as NSString).lastPathComponent == map }?.segments_info
  }
}
