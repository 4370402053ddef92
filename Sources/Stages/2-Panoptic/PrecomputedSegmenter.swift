public import CrayonCore
import Crypto
public import Foundation

/// A map that exists already, in place of a model's.
public struct PrecomputedSegmenter: PanopticSegmenter {
  /// What the map's segments could have been, by the file that came with it.
  public let categories: CategoryTable
  private let map: PanopticMap
  private let name: String

  /// Reads `MAP.png` and the JSON that lists its segments.
  /// - Parameter json: nil for the file of the same name that ends in .json, else that or a dataset file
  /// - Throws: `COCOPanopticError`
  public init(png: URL, json: URL? = nil) throws {
    (map, categories) = try PanopticMap.read(png, json: json)
    name = png.path
  }

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
    let segments = map.segments.map { "\($0.id) \($0.category.name) \($0.isCrowd) \($0.score ?? -1)" }
    hash.update(data: Data("\(map.width)×\(map.height) \(segments)".utf8))
    return hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
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
