public import CrayonCore
public import Foundation

/// The maps of a dataset in the COCO panoptic format: a folder of PNGs, and the file that lists their segments.
public struct PanopticFolder: Sendable {
  public let folder: URL
  public let categories: CategoryTable
  private let annotations: AnnotationIndex

  /// - Parameter json: the list; nil for the JSON beside the folder that has its name, as in COCO
  /// - Throws: `COCOPanopticError`
  public init(_ folder: URL, json: URL? = nil) throws {
    self.folder = folder
    let json =
      json ?? folder.deletingLastPathComponent().appendingPathComponent(folder.lastPathComponent + ".json")
    let dataset = try COCOPanoptic(readingJSON: json)
    categories = try COCOPanoptic.table(dataset.categories, file: json)
    annotations = AnnotationIndex(dataset, file: json)
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
