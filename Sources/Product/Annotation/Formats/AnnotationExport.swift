import CrayonCore
public import Foundation

/// Writes an annotated folder in another format.
public struct AnnotationExport: Sendable {
  public struct Summary: Sendable, Equatable, Codable {
    public var pictures = 0
    public var segments = 0
    public var loss = FormatLoss()
    /// Pictures that are not where they were, so that the format cannot lead to them.
    public var withoutPicture: [String] = []
    public var failures: [AnnotationFailure] = []

    public init() {}
  }

  private let folder: AnnotationFolder
  private let dataset: COCOPanoptic
  private let categories: CategoryTable

  /// - Parameter url: as `crayon annotate` writes it
  /// - Throws: ``AnnotationError``, ``FormatError`` or `COCOPanopticError`
  public init(_ url: URL) throws {
    folder = try AnnotationFolder(existing: url)
    guard FileManager.default.fileExists(atPath: folder.datasetFile.path) else {
      throw FormatError.noDataset(folder: url.path)
    }
    dataset = try COCOPanoptic(readingJSON: folder.datasetFile)
    categories = try COCOPanoptic.table(dataset.categories, file: folder.datasetFile)
  }

  /// How many pictures it has.
  public var count: Int { dataset.annotations.count }

  /// - Parameters:
  ///   - target: a folder that is there and empty
  ///   - place: where it will be in the end
  ///   - tolerance: how far, in pixels, polygons may be from the segments' edges, to have fewer corners
  ///   - report: called behind each picture with how many are done
  /// - Throws: where files cannot be written; a map that cannot be read is a failure of the summary
  public func run(
    to format: AnnotationFormat, in target: URL, place: URL, tolerance: Double,
    report: (Int) -> Void = { _ in }
  ) throws -> Summary {
    var summary = Summary()
    var writer = try Self.writer(format, target, place, tolerance, categories)
    let images = Dictionary(dataset.images.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for (number, annotation) in dataset.annotations.enumerated() {
      let file = (annotation.file_name as NSString).deletingPathExtension
      let name = images[annotation.image_id]?.file_name ?? file
      do {
        // One that a person has edited since the dataset was written lacks what the person removed.
        let map = try PanopticMap(
          editedPNG: folder.map(of: file), segments: annotation.segments_info, categories: categories)
        let record = try folder.record(of: file)
        let path = record.map { URL(fileURLWithPath: $0.path) }
        if path.map({ !FileManager.default.fileExists(atPath: $0.path) }) ?? true {
          summary.withoutPicture.append(name)
        }
        let (shapes, loss) = try writer.write(
          FormatSource(id: annotation.image_id, name: name, file: file, path: path, map: map))
        summary.pictures += 1
        summary.segments += map.segments.count
        summary.loss += loss
        summary.loss += Self.loss(of: shapes, from: map, name: name)
      } catch let error as COCOPanopticError {
        summary.failures.append(
          AnnotationFailure(file: name, path: folder.map(of: file).path, reason: "\(error)"))
      }
      report(number + 1)
    }
    try writer.finish()
    return summary
  }

  /// What comes out as something else when the shapes are painted again.
  private static func loss(of shapes: [FormatShape], from map: PanopticMap, name: String) -> FormatLoss {
    let painted = MapPainter(FormatPicture(name: name, width: map.width, height: map.height, shapes: shapes))
    var loss = FormatLoss()
    loss.pixels = map.ids.count
    loss.lostPixels = zip(painted.ids, map.ids).count { $0 != $1 }
    return loss
  }

  private static func writer(
    _ format: AnnotationFormat, _ folder: URL, _ place: URL, _ tolerance: Double, _ categories: CategoryTable
  ) throws -> any FormatWriter {
    switch format {
    case .cocoInstances: try COCOInstancesWriter(folder: folder, categories: categories)
    case .yoloSeg: try YOLOSegmentsWriter(folder: folder, categories: categories, tolerance: tolerance)
    case .labelme: LabelMeWriter(folder: folder, place: place, tolerance: tolerance)
    case .cvat: try CVATWriter(folder: folder, categories: categories)
    case .masks: try MaskFilesWriter(folder: folder)
    }
  }
}
