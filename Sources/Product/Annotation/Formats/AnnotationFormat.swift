import CrayonCore
public import Foundation

/// Formats of other programs that annotated folders are written in, and read from.
public enum AnnotationFormat: String, Sendable, CaseIterable {
  /// One JSON file of instances with run lengths (pycocotools, FiftyOne, Detectron2).
  case cocoInstances = "coco-instances"
  /// A text file of polygons for each picture (Ultralytics).
  case yoloSeg = "yolo-seg"
  /// A JSON file of polygons for each picture (labelme).
  case labelme
  /// One XML file of masks ("CVAT for images 1.1").
  case cvat
  /// A black and white PNG for each segment, and a list of them.
  case masks
}

/// What a format could not carry, or was asked not to.
public struct FormatLoss: Sendable, Equatable, Codable {
  /// Holes that the format has no way to leave open; where other segments lie in them they are painted over.
  public var filledHoles = 0
  /// Segments that are in the format only without their `iscrowd`, their score or their number.
  public var withoutNumber = 0
  /// Pixels that come out as another segment, or as none, when the file is read again.
  public var lostPixels = 0
  /// In all.
  public var pixels = 0

  /// Nothing lost.
  public init() {}

  static func += (loss: inout FormatLoss, other: FormatLoss) {
    loss.filledHoles += other.filledHoles
    loss.withoutNumber += other.withoutNumber
    loss.lostPixels += other.lostPixels
    loss.pixels += other.pixels
  }
}

/// Why files of another format cannot be written or read.
public enum FormatError: Error, Equatable, CustomStringConvertible {
  case notFound(file: String)
  case unreadable(file: String, reason: String)
  case noPictures(folder: String, format: AnnotationFormat)
  case noFolder(file: String, format: AnnotationFormat, contents: String)
  case unknownPicture(name: String, folder: String, file: String)
  case severalPictures(name: String, folder: String)
  case ofAnother(name: String, picture: String)
  case wrongSize(name: String, wanted: [Int], got: [Int])
  case badShape(file: String, shape: Int, reason: String)
  case unknownClass(file: String, line: Int, number: Int)
  case noDataset(folder: String)

  public var description: String {
    switch self {
    case .notFound(let file): "there is no \(file)"
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .noPictures(let folder, let format): "\(folder) holds no pictures in the format \(format.rawValue)"
    case .noFolder(let file, let format, let contents):
      "\(file) is a file, and the format \(format.rawValue) a folder with \(contents); name the folder"
    case .unknownPicture(let name, let folder, let file):
      "\(folder) has no picture \(name); annotate it first, and what \(file) says takes its map's place"
    case .severalPictures(let name, let folder): "\(folder) has several pictures that \(name) can be"
    case .ofAnother(let name, let picture): "\(name) says that it is of \(picture), which is another picture"
    case .wrongSize(let name, let wanted, let got):
      "\(name) has \(got[0])×\(got[1]) pixels, and its picture \(wanted[0])×\(wanted[1])"
    case .badShape(let file, let shape, let reason): "\(file): shape \(shape): \(reason)"
    case .unknownClass(let file, let line, let number):
      "\(file):\(line): there is no class \(number) in data.yaml"
    case .noDataset(let folder): "\(folder) holds no panoptic.json; was it written by crayon annotate?"
    }
  }
}

/// Writes an annotated folder in another format.
public struct AnnotationExport: Sendable {
  /// What an export did.
  public struct Summary: Sendable, Equatable, Codable {
    /// That were written.
    public var pictures = 0
    /// In all pictures.
    public var segments = 0
    /// What the format cannot hold.
    public var loss = FormatLoss()
    /// Pictures that are not where they were, so that the format cannot lead to them.
    public var withoutPicture: [String] = []
    /// Pictures that could not be written.
    public var failures: [AnnotationFailure] = []

    /// Nothing written yet.
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
  ///   - format: what the folder's maps are written as
  ///   - target: a folder that is there and empty
  ///   - place: where it will be in the end
  ///   - tolerance: how far, in pixels, polygons may be from the segments' edges, to have fewer corners
  ///   - report: called behind each picture with how many are done; ends the export by throwing
  /// - Throws: where files cannot be written, and what `report` throws; a map that cannot be read is a failure of the summary
  public func run(
    to format: AnnotationFormat, in target: URL, place: URL, tolerance: Double,
    report: (Int) throws -> Void = { _ in }
  ) throws -> Summary {
    var summary = Summary()
    var writer = try Self.writer(format, target, place, tolerance, categories)
    let images = Dictionary(dataset.images.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var written: Set<FileKey> = []
    for (number, annotation) in dataset.annotations.enumerated() {
      let file = (annotation.file_name as NSString).deletingPathExtension
      let name = images[annotation.image_id]?.file_name ?? file
      func fail(_ reason: String) {
        summary.failures.append(AnnotationFailure(file: name, path: folder.map(of: file).path, reason: reason))
      }
      do {
        guard !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else {
          fail("\(folder.datasetFile.path) places its map outside of the folder")
          continue
        }
        guard written.insert(FileKey(file)).inserted else {
          fail("\(folder.datasetFile.path) lists its map twice")
          continue
        }
        // One that a person has edited since the dataset was written lacks what the person removed.
        let map = try PanopticMap(
          editedPNG: folder.map(of: file), segments: annotation.segments_info, categories: categories)
        let record = try folder.record(of: file)
        let size = record.map { [$0.width, $0.height] } ?? images[annotation.image_id]?.size
        if let size, size != [map.width, map.height] {
          fail(
            "the map \(folder.map(of: file).path) has \(map.width)×\(map.height) pixels, and its picture "
              + "\(size[0])×\(size[1])")
          continue
        }
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
        fail("\(error)")
      }
      try report(number + 1)
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
