public import CrayonCore
public import Foundation

/// The maps of a dataset in the COCO panoptic format: a folder of PNGs, and the file that lists their segments.
public struct PanopticFolder: Sendable {
  public let folder: URL
  public let categories: CategoryTable
  private let json: URL
  private let annotations: [String: COCOPanoptic.Annotation]

  /// - Parameter json: the list; nil for the JSON beside the folder that has its name, as in COCO
  /// - Throws: `COCOPanopticError` or `CategoryTableError`
  public init(_ folder: URL, json: URL? = nil) throws {
    self.folder = folder
    self.json =
      json ?? folder.deletingLastPathComponent().appendingPathComponent(folder.lastPathComponent + ".json")
    let dataset = try COCOPanoptic(readingJSON: self.json)
    categories = try dataset.categoryTable()
    annotations = Dictionary(
      dataset.annotations.map { ($0.file_name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// What gives the map of this name, which may lie in a folder of the folder.
  /// - Throws: `COCOPanopticError`
  public func segmenter(named name: String) throws -> PrecomputedSegmenter {
    let png = folder.appendingPathComponent(name)
    guard let annotation = annotations[name] ?? annotations[png.lastPathComponent] else {
      throw COCOPanopticError.noAnnotation(file: json.path, map: name)
    }
    let map = try PanopticMap(png: png, annotation, categories: categories)
    return PrecomputedSegmenter(map, name: png.path, categories: categories)
  }
}
