public import Foundation
public import PNGFiles

extension PanopticMap {
  /// The largest id that three bytes hold.
  public static let largestID = 1 << 24 - 1

  /// Puts a PNG of ids and its list of segments together, checking one against the other in both directions.
  /// - Parameters:
  ///   - pixels: each the id of its segment in COCO's way, R + 256 · G + 65536 · B; 0 for void
  ///   - segments: with ids that are unique and all occur; areas, where given, must be those counted
  ///   - categories: what a segment's `category_id` means
  ///   - name: the map, for messages
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
  /// - Parameters:
  ///   - png: the map; a pixel is the id of its segment, R + 256 · G + 65536 · B, and 0 for void
  ///   - json: nil for the file of the same name beside the map that ends in .json
  /// - Throws: ``COCOPanopticError``, or `PNGError`
  public init(readingPNG png: URL, json: URL? = nil) throws { self = try Self.read(png, json: json).map }

  /// The same, with the vocabulary that the JSON lists.
  public static func read(_ png: URL, json: URL? = nil) throws -> (map: PanopticMap, categories: CategoryTable)
  {
    let beside = png.deletingPathExtension().appendingPathExtension("json")
    guard json != nil || FileManager.default.fileExists(atPath: beside.path) else {
      throw COCOPanopticError.noJSON(map: png.path)
    }
    let file = json ?? beside
    let listed = try COCOPanopticError.decoding(MapFile.self, from: file)
    let table = try COCOPanoptic.table(listed.categories, file: file)
    guard let segments = try listed.segments(of: png, in: file) else {
      throw COCOPanopticError.noAnnotation(file: file.path, map: png.lastPathComponent)
    }
    return (try map(png, segments: segments, categories: table), table)
  }

  /// Reads the map of an annotation of a dataset.
  /// - Parameters:
  ///   - annotation: names the map's PNG and lists its segments
  ///   - folder: of the dataset's PNGs
  ///   - categories: what a segment's `category_id` means
  /// - Throws: ``COCOPanopticError``
  public init(
    _ annotation: COCOPanoptic.Annotation, in folder: URL, categories: CategoryTable
  ) throws {
    try self.init(
      png: folder.existing(annotation.file_name), annotation, categories: categories)
  }

  /// Reads a map whose segments an annotation lists.
  /// - Throws: ``COCOPanopticError``
  public init(
    png: URL, _ annotation: COCOPanoptic.Annotation, categories: CategoryTable
  ) throws {
    self = try Self.map(png, segments: annotation.segments_info, categories: categories)
  }

  /// - Throws: ``COCOPanopticError``
  private static func map(
    _ png: URL, segments: [COCOPanoptic.SegmentInfo], categories: CategoryTable
  ) throws -> PanopticMap {
    let (pixels, hasPalette) = try pixels(of: png)
    do {
      return try PanopticMap(pixels, segments: segments, categories: categories, name: png.path)
    } catch COCOPanopticError.inconsistent(let map, let reason) where hasPalette {
      throw COCOPanopticError.inconsistent(
        map: map, reason: reason + "; the PNG has a palette, and its colours are read as ids, not its indices")
    }
  }

  /// Reads a map that a person has edited: segments of the list that are gone are left out, and sizes are
  /// those of the pixels now. Ids that the list lacks are an error.
  /// - Throws: ``COCOPanopticError``
  public init(
    editedPNG png: URL, segments: [COCOPanoptic.SegmentInfo], categories: CategoryTable
  ) throws {
    let pixels = try Self.pixels(of: png).pixels
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
  private static func pixels(of url: URL) throws -> (pixels: PNG.Pixels, hasPalette: Bool) {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw COCOPanopticError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    do {
      return (try PNG.decode(data), PNG.hasPalette(data))
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

  func segments(of map: URL, in file: URL) throws -> [COCOPanoptic.SegmentInfo]? {
    if let segments_info { return segments_info }
    let dataset = COCOPanoptic(images: [], annotations: annotations ?? [], categories: categories)
    return try AnnotationIndex(dataset, file: file).annotation(ofMap: map.standardizedFileURL.path)?
      .segments_info
  }
}
