public import CrayonCore
import Crypto
public import Foundation

/// A map that exists already, in place of a model's.
public struct PrecomputedSegmenter: PanopticSegmenter {
  public let categories: CategoryTable
  private let map: PanopticMap
  private let name: String

  /// Reads `MAP.png` and the JSON that lists its segments.
  /// - Parameter json: nil for the file of the same name that ends in .json, else that or a dataset file
  /// - Throws: `COCOPanopticError`
  public init(png: URL, json: URL? = nil, categories: CategoryTable = .coco) throws {
    map = try PanopticMap(readingPNG: png, json: json)
    name = png.path
    self.categories = categories
  }

  public init(_ map: PanopticMap, name: String, categories: CategoryTable) {
    self.map = map
    self.name = name
    self.categories = categories
  }

  /// Changes with the map's pixels and with what its segments are.
  public var digest: String {
    var hash = SHA256()
    map.ids.withUnsafeBytes { hash.update(bufferPointer: $0) }
    let segments = map.segments.map { "\($0.id) \($0.category.name) \($0.isCrowd) \($0.score ?? -1)" }
    hash.update(data: Data("\(map.width)×\(map.height) \(segments)".utf8))
    return hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
  }

  /// The map at the picture's size. Another size is met by repeating or leaving out pixels, as long as the
  /// proportions agree to within a pixel; segments that vanish by it are left out.
  /// - Throws: ``PrecomputedMapError/otherShape(map:mapSize:pictureSize:)``
  public func run(_ image: RGBImage) throws -> PanopticMap {
    guard image.width != map.width || image.height != map.height else { return map }
    let expectedHeight = Double(image.width) * Double(map.height) / Double(map.width)
    let expectedWidth = Double(image.height) * Double(map.width) / Double(map.height)
    guard
      abs(expectedHeight - Double(image.height)) <= 1 || abs(expectedWidth - Double(image.width)) <= 1
    else {
      throw PrecomputedMapError.otherShape(
        map: name, mapSize: [map.width, map.height], pictureSize: [image.width, image.height])
    }
    return try map.resized(width: image.width, height: image.height)
  }
}
