import CrayonCore
import Foundation
import Panoptic

/// The maps of a dataset in the COCO panoptic format: a folder, in which a map has its picture's name, and beside it
/// the JSON of the folder's name.
struct GivenDataset {
  private let folder: URL
  private let json: URL
  private let categories: CategoryTable
  private let annotations: [String: COCOPanoptic.Annotation]

  /// - Throws: `COCOPanopticError` or `CategoryTableError`
  init(_ folder: URL) throws {
    self.folder = folder
    json = folder.deletingLastPathComponent().appendingPathComponent(folder.lastPathComponent + ".json")
    let dataset = try COCOPanoptic(readingJSON: json)
    categories = try dataset.categoryTable()
    annotations = Dictionary(
      dataset.annotations.map { (($0.file_name as NSString).lastPathComponent, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: `COCOPanopticError`
  func map(of picture: URL) throws -> PrecomputedSegmenter {
    let name = picture.deletingPathExtension().appendingPathExtension("png").lastPathComponent
    guard let annotation = annotations[name] else {
      throw COCOPanopticError.noAnnotation(file: json.path, map: name)
    }
    let map = try PanopticMap(annotation, in: folder, categories: categories)
    return PrecomputedSegmenter(map, name: name, categories: categories)
  }
}
