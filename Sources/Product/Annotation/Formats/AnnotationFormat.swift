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

/// What a format could not carry, or was told not to.
public struct FormatLoss: Sendable, Equatable, Codable {
  /// Holes that the format has no way to leave open; where other segments lie in them they are painted over.
  public var filledHoles = 0
  /// Segments that are in the format only without their `iscrowd`, their score or their number.
  public var withoutNumber = 0
  /// Pixels that come out as another segment, or as none, when the file is read again.
  public var lostPixels = 0
  public var pixels = 0

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
  case unknownPicture(name: String, folder: String)
  case severalPictures(name: String, folder: String)
  case wrongSize(name: String, wanted: [Int], got: [Int])
  case badShape(file: String, shape: Int, reason: String)
  case unknownClass(file: String, line: Int, number: Int)
  case noDataset(folder: String)

  public var description: String {
    switch self {
    case .notFound(let file): "there is no \(file)"
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .noPictures(let folder, let format): "\(folder) holds no pictures in the format \(format.rawValue)"
    case .unknownPicture(let name, let folder):
      "\(folder) has no picture \(name); annotate it first, and the map that is read takes its map's place"
    case .severalPictures(let name, let folder): "\(folder) has several pictures that \(name) can be"
    case .wrongSize(let name, let wanted, let got):
      "\(name) has \(got[0])×\(got[1]) pixels, and its picture \(wanted[0])×\(wanted[1])"
    case .badShape(let file, let shape, let reason): "\(file): shape \(shape): \(reason)"
    case .unknownClass(let file, let line, let number):
      "\(file):\(line): there is no class \(number) in data.yaml"
    case .noDataset(let folder): "\(folder) holds no panoptic.json; was it written by crayon annotate?"
    }
  }
}
