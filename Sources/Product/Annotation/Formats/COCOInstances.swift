import CrayonCore
import Foundation

/// Instances as COCO lists them: every segment is one, things and stuff, its pixels as compressed run lengths, which keep
/// holes and parts.
struct COCOInstancesWriter: FormatWriter {
  private let output: FormatFile
  private let categories: CategoryTable
  private var images: [COCOPanoptic.Image] = []
  private var count = 0

  init(folder: URL, categories: CategoryTable) throws {
    self.categories = categories
    output = try FormatFile(folder.appendingPathComponent(COCOInstances.fileName))
    try output.write("{\"annotations\": [")
  }

  mutating func write(_ picture: FormatSource) throws -> (shapes: [FormatShape], loss: FormatLoss) {
    let map = picture.map
    images.append(
      COCOPanoptic.Image(id: picture.id, file_name: picture.name, width: map.width, height: map.height))
    var shapes: [FormatShape] = []
    for segment in map.segments {
      let mask = map.mask(of: segment)
      count += 1
      let instance = COCOInstances.Instance(
        id: .number(count), image_id: picture.id, category_id: segment.category.id,
        segmentation: .runs(mask), area: Double(segment.area), bbox: segment.box.cocoXYWH.map(Double.init),
        iscrowd: COCOFlag(segment.isCrowd), score: segment.score, segment_id: Int(segment.id))
      try output.write((count > 1 ? ",\n" : "\n") + FormatJSON.text(instance))
      shapes.append(FormatShape(segment, area: .mask(mask, x: 0, y: 0)))
    }
    return (shapes, FormatLoss())
  }

  mutating func finish() throws {
    let listed = categories.categories.map {
      COCOInstances.Category(id: $0.id, name: $0.name, supercategory: $0.name, isthing: COCOFlag($0.isThing))
    }
    try output.write(
      "],\n\"categories\": \(FormatJSON.text(listed)),\n\"images\": \(FormatJSON.text(images))}\n")
    try output.close()
  }
}

/// What COCO's file of instances says; names are the file's.
struct COCOInstances: Decodable {
  static let fileName = "instances.json"

  enum Segmentation: Codable {
    case runs(RunLengthMask)
    /// x and y in turn.
    case polygons([[Double]])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let polygons = try? container.decode([[Double]].self) {
        self = .polygons(polygons)
      } else {
        self = .runs(try container.decode(RunLengthMask.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .runs(let mask): try container.encode(mask)
      case .polygons(let polygons): try container.encode(polygons)
      }
    }
  }

  struct Instance: Codable {
    var id: COCOPanoptic.ImageID?
    var image_id: COCOPanoptic.ImageID
    var category_id: Int
    var segmentation: Segmentation
    var area: Double?
    var bbox: [Double]?
    var iscrowd: COCOFlag?
    var score: Float?
    /// Not COCO's own: the segment's in the panoptic map.
    var segment_id: Int?

    var isCrowd: Bool { iscrowd?.value ?? false }
  }

  struct Category: Codable {
    var id: Int
    var name: String
    var supercategory: String?
    /// Of COCO's panoptic format, where it is a thing or stuff.
    var isthing: COCOFlag?
  }

  var images: [COCOPanoptic.Image]
  var annotations: [Instance]
  var categories: [Category]
}

struct COCOInstancesReader: FormatReader {
  private let file: URL
  private let content: COCOInstances
  private let categories: [Int: COCOInstances.Category]
  private let instances: [COCOPanoptic.ImageID: [COCOInstances.Instance]]

  var names: [String] { content.images.map(\.file_name) }

  func file(of index: Int) -> URL { file }

  func knows(_ name: String) -> Bool {
    name == COCOInstances.fileName || AnnotationInputs.endsAsPicture(name)
  }

  /// - Parameter place: the file, or a folder with `instances.json`
  init(_ place: URL) throws {
    file = ForeignFiles.file(COCOInstances.fileName, in: place)
    content = try FormatJSON.read(COCOInstances.self, file)
    let listed = Set(content.images.map(\.id))
    let strays = content.annotations.filter { !listed.contains($0.image_id) }
    if let stray = strays.first {
      throw FormatError.unreadable(
        file: file.path,
        reason:
          "\(strays.count) of its annotations are of images that it does not list, such as \(stray.image_id)")
    }
    guard listed.count == content.images.count else {
      throw FormatError.unreadable(file: file.path, reason: "two of its images have one id")
    }
    guard Set(content.categories.map(\.id)).count == content.categories.count else {
      throw FormatError.unreadable(file: file.path, reason: "two of its categories have one id")
    }
    categories = Dictionary(
      content.categories.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    instances = Dictionary(grouping: content.annotations, by: \.image_id)
  }

  func picture(_ index: Int, size: [Int]?) throws -> FormatPicture {
    let image = content.images[index]
    // Before anything is drawn at a size that the picture does not have.
    if let known = size, let listed = image.size, known != listed {
      throw FormatError.wrongSize(name: image.file_name, wanted: known, got: listed)
    }
    guard let size = image.size ?? size else {
      throw FormatError.unreadable(file: file.path, reason: "\(image.file_name) has no width and height")
    }
    // Crowds and large ones first: what was drawn upon them is seen.
    let own = (instances[image.id] ?? []).enumerated().sorted { a, b in
      (b.element.isCrowd ? 1 : 0, b.element.area ?? 0, a.offset)
        < (a.element.isCrowd ? 1 : 0, a.element.area ?? 0, b.offset)
    }
    let shapes = try own.map { position, instance in
      guard let category = categories[instance.category_id] else {
        throw FormatError.badShape(
          file: file.path, shape: position, reason: "there is no category \(instance.category_id)")
      }
      let mask: RunLengthMask
      switch instance.segmentation {
      case .runs(let runs): mask = runs
      case .polygons(let polygons):
        guard polygons.contains(where: { $0.count >= 6 }), polygons.allSatisfy({ $0.count.isMultiple(of: 2) })
        else {
          throw FormatError.badShape(
            file: file.path, shape: position,
            reason: polygons.isEmpty
              ? "it has no segmentation; boxes alone are no masks"
              : "its polygons are no pairs of numbers, three or more")
        }
        // Edges are walked step by step.
        let most = Double(2 * max(size[0], size[1]))
        guard polygons.allSatisfy({ $0.allSatisfy { abs($0) <= most } }) else {
          throw FormatError.badShape(
            file: file.path, shape: position, reason: "it has a corner far outside of the picture")
        }
        do {
          mask = try RunLengthMask(width: size[0], height: size[1], polygons: polygons)
        } catch {
          throw FormatError.badShape(file: file.path, shape: position, reason: "\(error)")
        }
      }
      guard [mask.width, mask.height] == size else {
        throw FormatError.wrongSize(name: image.file_name, wanted: size, got: [mask.width, mask.height])
      }
      return FormatShape(
        label: category.name, isThing: category.isthing?.value, segment: instance.segment_id,
        isCrowd: instance.isCrowd, score: instance.score, area: .mask(mask, x: 0, y: 0))
    }
    return FormatPicture(name: image.file_name, width: size[0], height: size[1], shapes: shapes)
  }
}
