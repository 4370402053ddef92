import Checkpoints
public import CrayonCore
import Crypto
public import Foundation
import Tensors

/// Stage 2: a picture to a map of the same size. Any segmenter can stand here, and any map that a person or
/// another program made (``PrecomputedSegmenter``).
public protocol PanopticSegmenter: Stage where Input == RGBImage, Output == PanopticMap {
  /// What the segmenter can name, in its own order.
  var categories: CategoryTable { get }
}

/// Why a network gives no map.
public enum SegmenterError: Error, Equatable, CustomStringConvertible {
  case notFinite

  public var description: String {
    switch self {
    case .notFinite: "the segmenter gives numbers that are infinite or none; its weights are damaged"
    }
  }

  /// Comparisons would pass over what is no number, and the map would only lack something.
  /// - Throws: ``notFinite``
  static func requireFinite(_ outputs: [Tensor]) throws {
    guard outputs.allSatisfy({ $0.firstNonFiniteIndex == nil }) else { throw notFinite }
  }
}

/// A map that exists already, in place of a model's.
public struct PrecomputedSegmenter: PanopticSegmenter {
  /// What the map's segments could have been, by the file that came with it.
  public let categories: CategoryTable
  private let map: PanopticMap
  private let name: String

  /// Reads `MAP.png` and the JSON that lists its segments.
  /// - Parameters:
  ///   - png: the map; a pixel is the id of its segment, R + 256 · G + 65536 · B, and 0 for void
  ///   - json: nil for the file of the same name that ends in .json, else that or a dataset file
  /// - Throws: `COCOPanopticError`
  public init(png: URL, json: URL? = nil) throws {
    (map, categories) = try PanopticMap.read(png, json: json)
    name = png.path
  }

  /// - Parameters:
  ///   - map: of the picture's size, or of its proportions at another
  ///   - name: by which sentences call it
  ///   - categories: what the map could have named
  public init(_ map: PanopticMap, name: String, categories: CategoryTable) {
    self.map = map
    self.name = name
    self.categories = categories
  }

  /// What could have been named: of a map whose categories are all COCO's, everything that COCO has, because lists
  /// beside single maps often name only what is there; else the map's own categories.
  public var vocabulary: CategoryTable { categories.isWithin(.coco) ? .coco : categories }

  /// Changes with the map's pixels and with what its segments are.
  public var digest: String {
    var hash = SHA256()
    map.ids.withUnsafeBytes { hash.update(bufferPointer: $0) }
    let segments = map.segments.map {
      "\($0.id) \($0.category.id) \($0.category.name) \($0.category.isThing) \($0.isCrowd) \($0.score ?? -1)"
    }
    hash.update(data: Data("\(map.width)×\(map.height) \(segments)".utf8))
    return String(hash.finalize().hexadecimal.prefix(32))
  }

  /// Whether one width and height are those of the other at another scale, to within a pixel.
  private static func isAlike(_ map: [Int], _ picture: [Int]) -> Bool {
    let expectedHeight = Double(picture[0]) * Double(map[1]) / Double(map[0])
    let expectedWidth = Double(picture[1]) * Double(map[0]) / Double(map[1])
    return abs(expectedHeight - Double(picture[1])) <= 1 || abs(expectedWidth - Double(picture[0])) <= 1
  }

  /// The map at the picture's size. Another size is met by repeating or leaving out pixels, as long as the
  /// proportions agree to within a pixel; segments that vanish by it are left out.
  /// - Throws: ``PrecomputedMapError``
  public func run(_ image: RGBImage) throws -> PanopticMap {
    guard image.width != map.width || image.height != map.height else { return map }
    let (mapSize, pictureSize) = ([map.width, map.height], [image.width, image.height])
    guard Self.isAlike(mapSize, pictureSize) else {
      throw Self.isAlike(mapSize.reversed(), pictureSize)
        ? PrecomputedMapError.turned(map: name, mapSize: mapSize, pictureSize: pictureSize)
        : .otherShape(map: name, mapSize: mapSize, pictureSize: pictureSize)
    }
    return try map.resized(width: image.width, height: image.height)
  }
}

/// Why a given map does not go with a picture.
public enum PrecomputedMapError: Error, Equatable, CustomStringConvertible {
  case otherShape(map: String, mapSize: [Int], pictureSize: [Int])
  /// The shape of the picture lying on its side.
  case turned(map: String, mapSize: [Int], pictureSize: [Int])

  public var description: String {
    switch self {
    case .otherShape(let map, let mapSize, let pictureSize):
      "the map \(map) has \(mapSize[0])×\(mapSize[1]) pixels, which is another shape than the picture's "
        + "\(pictureSize[0])×\(pictureSize[1]); it seems to belong to another picture"
    case .turned(let map, let mapSize, let pictureSize):
      "the map \(map) has \(mapSize[0])×\(mapSize[1]) pixels, and the picture, upright by its EXIF orientation, "
        + "\(pictureSize[0])×\(pictureSize[1]); a map is drawn on the picture upright: turn it by a quarter"
    }
  }
}

/// The maps of a dataset in the COCO panoptic format: a folder of PNGs, and the file that lists their segments.
public struct PanopticFolder: Sendable {
  /// Where the PNGs are.
  public let folder: URL
  /// What the maps can name.
  public let categories: CategoryTable
  private let annotations: AnnotationIndex

  /// - Parameters:
  ///   - folder: of the dataset's PNGs
  ///   - json: the list; nil for the JSON beside the folder that has its name, as in COCO
  /// - Throws: `COCOPanopticError`
  public init(_ folder: URL, json: URL? = nil) throws {
    self.folder = folder
    let json = json ?? Self.list(of: folder)
    let dataset = try COCOPanoptic(readingJSON: json)
    categories = try COCOPanoptic.table(dataset.categories, file: json)
    annotations = AnnotationIndex(dataset, file: json)
  }

  /// The JSON beside a folder of maps that lists their segments.
  public static func list(of folder: URL) -> URL {
    folder.deletingLastPathComponent().appendingPathComponent(folder.lastPathComponent + ".json")
  }

  /// The PNG of a picture's map, which `image_id` or the picture's name tells, and what the dataset says of it.
  /// - Parameters:
  ///   - path: of the picture
  ///   - least: how many of its last components a name in the dataset must have
  /// - Throws: `COCOPanopticError`
  public func map(ofPicture path: String, least: Int = 1) throws -> (
    png: URL, annotation: COCOPanoptic.Annotation
  ) {
    let annotation = try annotations.annotation(ofPicture: path, least: least)
    return (folder.existing(annotation.file_name), annotation)
  }

  /// What gives such a map.
  /// - Throws: `COCOPanopticError`
  public func segmenter(_ map: (png: URL, annotation: COCOPanoptic.Annotation)) throws -> PrecomputedSegmenter {
    PrecomputedSegmenter(
      try PanopticMap(png: map.png, map.annotation, categories: categories), name: map.png.path,
      categories: categories)
  }
}

extension CategoryTable {
  /// COCO's categories that the `categories` of a network's file name, in the file's order.
  /// - Throws: `ConfigurationError` where one is not COCO's
  static func cocoCategories(named names: [String], in file: URL) throws -> [Category] {
    try names.map { name in
      guard let category = coco.category(named: name) else {
        throw ConfigurationError.unsupported(
          file: file.path, key: "categories", value: name, supported: "a name of COCO's 133 categories")
      }
      return category
    }
  }
}
