import Checkpoints
public import Foundation

/// A dataset file in the COCO panoptic format: pictures, one annotation for each with a PNG of segment ids,
/// and the categories.
///
/// Follows the format's definition (cocodataset.org, "Panoptic Segmentation") and what panopticapi reads:
/// id = R + 256 · G + 65536 · B. Keys that are not listed here are passed over.
public struct COCOPanoptic: Sendable, Equatable {
  /// What `annotations` belong to, by their ids.
  public var images: [Image]
  /// A map each.
  public var annotations: [Annotation]
  /// The vocabulary.
  public var categories: [Entry]

  /// Memberwise.
  public init(images: [Image], annotations: [Annotation], categories: [Entry]) {
    self.images = images
    self.annotations = annotations
    self.categories = categories
  }

  /// Numbers in COCO itself, names in some datasets.
  public enum ImageID: Sendable, Hashable {
    case number(Int)
    case name(String)
  }

  /// A picture's entry; names are the file's.
  public struct Image: Sendable, Equatable {
    /// A number or a text.
    public var id: ImageID
    /// Of the picture.
    public var file_name: String
    /// In pixels; 0 where the file does not say.
    public var width: Int
    /// In pixels.
    public var height: Int

    /// Memberwise.
    public init(id: ImageID, file_name: String, width: Int, height: Int) {
      self.id = id
      self.file_name = file_name
      self.width = width
      self.height = height
    }

    /// Width and height; nil where the file does not say.
    public var size: [Int]? { width > 0 && height > 0 ? [width, height] : nil }
  }

  /// A map's entry; names are the file's.
  public struct Annotation: Sendable, Equatable, Codable {
    /// Of the picture's entry.
    public var image_id: ImageID
    /// The PNG's name, relative to the folder of PNGs.
    public var file_name: String
    /// The map's segments.
    public var segments_info: [SegmentInfo]

    /// Memberwise.
    public init(image_id: ImageID, file_name: String, segments_info: [SegmentInfo]) {
      self.image_id = image_id
      self.file_name = file_name
      self.segments_info = segments_info
    }
  }

  /// A segment's entry; names are the file's.
  public struct SegmentInfo: Sendable, Equatable {
    /// By which other entries and pixels refer to it.
    public var id: Int
    /// Of the category's entry.
    public var category_id: Int
    /// In pixels; nil where the file does not say.
    public var area: Int?
    /// [x, y, width, height]
    public var bbox: [Int]?
    /// Several objects in one segment.
    public var iscrowd: Bool
    /// Not COCO's own: the segmenter's confidence.
    public var score: Float?

    /// Memberwise.
    public init(
      id: Int, category_id: Int, area: Int?, bbox: [Int]?, iscrowd: Bool, score: Float? = nil
    ) {
      self.id = id
      self.category_id = category_id
      self.area = area
      self.bbox = bbox
      self.iscrowd = iscrowd
      self.score = score
    }
  }

  /// A category's entry; names are the file's.
  public struct Entry: Sendable, Equatable {
    /// By which other entries and pixels refer to it.
    public var id: Int
    /// The category's.
    public var name: String
    /// Countable; else it is stuff.
    public var isthing: Bool

    /// Memberwise.
    public init(_ category: Category) {
      id = category.id
      name = category.name
      isthing = category.isThing
    }

    /// The same as a value.
    public var category: Category { Category(id: id, name: name, isThing: isthing) }
  }

  /// Reads a dataset file.
  /// - Throws: ``COCOPanopticError`` naming the file, and the place in it where something is wrong.
  public init(readingJSON url: URL) throws {
    self = try COCOPanopticError.decoding(Self.self, from: url)
    var names: [ImageID: String] = [:]
    for image in images {
      // One picture may be listed twice; of two with one id, no one can tell which one a map is of.
      guard let other = names.updateValue(image.file_name, forKey: image.id), other != image.file_name else {
        continue
      }
      throw COCOPanopticError.sharedID(
        file: url.path, id: image.id.description, names: [other, image.file_name])
    }
  }

  /// The vocabulary.
  /// - Throws: ``CategoryTableError``
  public func categoryTable() throws -> CategoryTable { try CategoryTable(categories.map(\.category)) }

  /// A vocabulary as a file lists it.
  /// - Throws: ``COCOPanopticError/badCategories(file:reason:)``
  public static func table(_ entries: [Entry], file: URL) throws -> CategoryTable {
    do {
      return try CategoryTable(entries.map(\.category))
    } catch {
      throw COCOPanopticError.badCategories(file: file.path, reason: "\(error)")
    }
  }

  /// The vocabulary of a dataset file alone: the rest of it grows with its pictures.
  /// - Throws: ``COCOPanopticError``
  public static func table(readingJSON file: URL) throws -> CategoryTable {
    struct Vocabulary: Decodable { var categories: [Entry] }
    return try table(COCOPanopticError.decoding(Vocabulary.self, from: file).categories, file: file)
  }
}

extension COCOPanoptic: Codable {
  enum CodingKeys: CodingKey {
    case images, annotations, categories
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    annotations = try container.decode([Annotation].self, forKey: .annotations)
    categories = try container.decode([Entry].self, forKey: .categories)
    // Prediction files often leave the pictures out.
    images = try container.decodeIfPresent([Image].self, forKey: .images) ?? []
  }
}

/// A file of predictions, of which panopticapi reads `annotations` alone.
public struct COCOPanopticPredictions: Sendable, Equatable {
  /// What a category's id stands for; whether it is a thing is the ground truth's to say.
  public struct Name: Sendable, Equatable, Decodable {
    /// By which other entries and pixels refer to it.
    public var id: Int
    /// The category's.
    public var name: String
  }

  /// Of this picture; several only where a file repeats it.
  public var annotations: [COCOPanoptic.Annotation]
  /// Empty where there are none that can be read: nothing depends on them but a check of the ids.
  public var images: [COCOPanoptic.Image]
  /// nil where the ids are those of the ground truth.
  public var categories: [Name]?

  /// - Throws: ``COCOPanopticError`` naming the file, and the place in it where something is wrong.
  public init(readingJSON url: URL) throws { self = try COCOPanopticError.decoding(Self.self, from: url) }
}

extension COCOPanopticPredictions: Decodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: COCOPanoptic.CodingKeys.self)
    annotations = try container.decode([COCOPanoptic.Annotation].self, forKey: .annotations)
    categories = try container.decodeIfPresent([Name].self, forKey: .categories)
    images = (try? container.decodeIfPresent([COCOPanoptic.Image].self, forKey: .images)) ?? []
  }
}

extension COCOPanoptic.ImageID: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else {
      self = .name(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .name(let name): try container.encode(name)
    }
  }
}

extension COCOPanoptic.ImageID: CustomStringConvertible {
  public var description: String {
    switch self {
    case .number(let number): String(number)
    case .name(let name): name
    }
  }
}

extension COCOPanoptic.Image: Codable {
  enum CodingKeys: CodingKey {
    case id, file_name, width, height
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(COCOPanoptic.ImageID.self, forKey: .id)
    file_name = try container.decode(String.self, forKey: .file_name)
    // As in panopticapi, which reads neither.
    width = try container.decodeIfPresent(Int.self, forKey: .width) ?? 0
    height = try container.decodeIfPresent(Int.self, forKey: .height) ?? 0
  }
}

extension COCOPanoptic.SegmentInfo: Codable {
  enum CodingKeys: CodingKey {
    case id, category_id, area, bbox, iscrowd, score
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int.self, forKey: .id)
    category_id = try container.decode(Int.self, forKey: .category_id)
    // Whole numbers, which some programs write with a decimal point or a rounding error.
    area = try container.decodeIfPresent(Double.self, forKey: .area).flatMap(Self.rounded)
    bbox = try container.decodeIfPresent([Double].self, forKey: .bbox)?.compactMap(Self.rounded)
    iscrowd = try container.decodeIfPresent(COCOFlag.self, forKey: .iscrowd)?.value ?? false
    score = try container.decodeIfPresent(Float.self, forKey: .score)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(category_id, forKey: .category_id)
    try container.encodeIfPresent(area, forKey: .area)
    try container.encodeIfPresent(bbox, forKey: .bbox)
    try container.encode(iscrowd ? 1 : 0, forKey: .iscrowd)
    try container.encodeIfPresent(score, forKey: .score)
  }

  private static func rounded(_ value: Double) -> Int? { Int(exactly: value.rounded()) }
}

extension COCOPanoptic.Entry: Codable {
  enum CodingKeys: CodingKey {
    case id, name, isthing
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int.self, forKey: .id)
    name = try container.decode(String.self, forKey: .name)
    isthing = try container.decode(COCOFlag.self, forKey: .isthing).value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(isthing ? 1 : 0, forKey: .isthing)
  }
}

/// Yes or no as COCO files have it: 0 and 1, or a boolean.
package struct COCOFlag: Codable {
  package var value: Bool

  package init(_ value: Bool) { self.value = value }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      value = number != 0
    } else {
      value = try container.decode(Bool.self)
    }
  }

  /// As COCO itself has it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value ? 1 : 0)
  }
}

/// Why a COCO panoptic file, or a map and its list of segments, cannot be used.
public enum COCOPanopticError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case missingKey(file: String, key: String)
  case wrongType(file: String, key: String)
  case noAnnotation(file: String, map: String)
  case noPicture(file: String, picture: String)
  case severalAnnotations(file: String, name: String)
  case sharedID(file: String, id: String, names: [String])
  case badCategories(file: String, reason: String)
  case noJSON(map: String)
  case unknownCategory(map: String, segment: Int, category: Int)
  case duplicateSegment(map: String, segment: Int)
  case badSegmentID(map: String, segment: Int)
  case wrongArea(map: String, segment: Int, claimed: Int, counted: Int)
  case inconsistent(map: String, reason: String)
  case changedWhenWritten(map: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .missingKey(let file, let key): "\(file) lacks the key \"\(key)\" of the COCO panoptic format"
    case .wrongType(let file, let key): "\(file): the value of \"\(key)\" has the wrong type"
    case .noAnnotation(let file, let map): "\(file) has no annotation for the map \(map)"
    case .noPicture(let file, let picture):
      "\(file) has no annotation for the picture \(picture): it lists no picture of that name, and no map"
    case .severalAnnotations(let file, let name): "\(file) has several annotations for \(name)"
    case .sharedID(let file, let id, let names):
      "\(file): two pictures have one id, \(id): \(names.joined(separator: " and "))"
    case .badCategories(let file, let reason): "\(file): \(reason)"
    case .noJSON(let map):
      "the map \(map) has no JSON beside it; its segments are listed in a file of the same name that "
        + "ends in .json, or in a dataset file"
    case .unknownCategory(let map, let segment, let category):
      "\(map): segment \(segment) has the category \(category), which is not among the categories"
    case .duplicateSegment(let map, let segment): "\(map): segment \(segment) is listed twice"
    case .badSegmentID(let map, let segment):
      "\(map): \(segment) cannot be a segment's id; ids are from 1 to 16777215"
    case .wrongArea(let map, let segment, let claimed, let counted):
      "\(map): segment \(segment) is listed with \(claimed) pixels, but has \(counted)"
    case .inconsistent(let map, let reason): "\(map): \(reason)"
    case .changedWhenWritten(let map):
      "\(map) was written, but reads back differently; the disk or the program is at fault"
    }
  }

  /// Decodes a JSON file; errors name the file and the path of the key.
  static func decoding<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw COCOPanopticError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    let path = JSONFault.dottedPath
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw COCOPanopticError.missingKey(file: url.path, key: path(context.codingPath + [key]))
    } catch {
      if let place = JSONFault.placeOfWrongType(error) {
        throw COCOPanopticError.wrongType(file: url.path, key: path(place))
      }
      throw COCOPanopticError.unreadable(file: url.path, reason: JSONFault.reason(data, error))
    }
  }
}
