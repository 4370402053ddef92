import CrayonCore
import Foundation

/// labelme's files: a JSON for each picture, a polygon for each part of a segment, joined by `group_id`, in the order in
/// which labelme's own tools paint them. What is nothing inside a segment is a polygon of the label `__ignore__`.
struct LabelMeWriter: FormatWriter {
  private let folder: URL
  /// Where the folder will be in the end.
  private let place: URL
  private let tolerance: Double

  init(folder: URL, place: URL, tolerance: Double) {
    self.folder = folder
    self.place = place
    self.tolerance = tolerance
  }

  mutating func write(_ picture: FormatSource) throws -> (shapes: [FormatShape], loss: FormatLoss) {
    let outlines = OutlineShapes(picture.map, simplifiedTo: tolerance)
    let file = folder.appendingPathComponent(picture.file + LabelMe.ending)
    let home = place.appendingPathComponent(picture.file).deletingLastPathComponent()
    let content = LabelMe(
      version: LabelMe.version, flags: [:],
      shapes: outlines.shapes.map { shape in
        LabelMe.Shape(
          label: shape.label ?? LabelMe.ignored, points: shape.area.points.map { [$0.x, $0.y] },
          group_id: shape.segment, description: shape.isCrowd ? LabelMe.crowd : "", shape_type: "polygon",
          flags: [:], mask: nil)
      },
      imagePath: picture.path?.path(from: home) ?? picture.name, imageData: nil,
      imageHeight: picture.map.height,
      imageWidth: picture.map.width)
    try OutputFolder.make(file.deletingLastPathComponent())
    try AtomicFile.write(Data(FormatJSON.text(content).utf8), to: file)
    return (outlines.shapes, FormatLoss())
  }

  mutating func finish() throws {}
}

/// A file of labelme's; names are the file's.
struct LabelMe: Codable {
  /// Of the program whose files these are like.
  static let version = "5.5.0"
  /// What labelme's tools leave out.
  static let ignored = "__ignore__"
  static let crowd = "iscrowd"
  /// Of its files.
  static let ending = ".json"

  struct Shape: Codable {
    var label: String
    var points: [[Double]]
    var group_id: Int?
    var description: String?
    var shape_type: String?
    var flags: [String: Bool]?
    /// PNG in base64.
    var mask: String?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(label, forKey: .label)
      try container.encode(points, forKey: .points)
      try container.encode(group_id, forKey: .group_id)
      try container.encode(description, forKey: .description)
      try container.encode(shape_type, forKey: .shape_type)
      try container.encode(flags, forKey: .flags)
      try container.encode(mask, forKey: .mask)
    }
  }

  var version: String?
  var flags: [String: Bool]?
  var shapes: [Shape]
  var imagePath: String
  var imageData: String?
  var imageHeight: Int?
  var imageWidth: Int?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(flags, forKey: .flags)
    try container.encode(shapes, forKey: .shapes)
    try container.encode(imagePath, forKey: .imagePath)
    try container.encode(imageData, forKey: .imageData)
    try container.encode(imageHeight, forKey: .imageHeight)
    try container.encode(imageWidth, forKey: .imageWidth)
  }
}

struct LabelMeReader: FormatReader {
  private let folder: URL
  /// Relative to the folder.
  private let files: [String]

  /// As the files are called: they lie beside their pictures, or are called as the maps are.
  let names: [String]

  func file(of index: Int) -> URL { folder.appendingPathComponent(files[index]) }

  func knows(_ name: String) -> Bool {
    ForeignFiles.ends(name, in: LabelMe.ending) || AnnotationInputs.endsAsPicture(name)
  }

  /// - Parameter place: a folder of files, or one of them
  init(_ place: URL) {
    if ForeignFiles.isFile(place) {
      folder = place.deletingLastPathComponent()
      files = [place.lastPathComponent]
    } else {
      folder = place
      files = ForeignFiles.names(below: place, ending: LabelMe.ending)
    }
    names = files.map { ($0 as NSString).deletingPathExtension }
  }

  func picture(_ index: Int, size: [Int]?) throws -> FormatPicture {
    let file = file(of: index)
    let content = try FormatJSON.read(LabelMe.self, file)
    guard let width = content.imageWidth ?? size?[0], let height = content.imageHeight ?? size?[1],
      FormatPicture.canMeasure(width, height)
    else {
      throw FormatError.unreadable(file: file.path, reason: "its imageWidth and imageHeight are no picture's")
    }
    let shapes = try content.shapes.enumerated().map { number, shape in
      let isNothing = shape.label == LabelMe.ignored || shape.label == "_background_"
      return FormatShape(
        label: isNothing ? nil : shape.label, segment: shape.group_id,
        isCrowd: shape.description == LabelMe.crowd,
        area: try area(shape) { .badShape(file: file.path, shape: number + 1, reason: $0) })
    }
    return FormatPicture(
      name: names[index],
      picture: URL(fileURLWithPath: content.imagePath, relativeTo: file).standardizedFileURL.path,
      width: width, height: height, shapes: shapes)
  }

  private func area(_ shape: LabelMe.Shape, _ bad: (String) -> FormatError) throws -> FormatShape.Area {
    let kind = shape.shape_type ?? "polygon"
    guard shape.points.allSatisfy({ $0.count == 2 && $0.allSatisfy(OutlinePoint.canReach) }) else {
      throw bad("its points are not pairs of numbers within a picture")
    }
    let points = shape.points.map { OutlinePoint(x: $0[0], y: $0[1]) }
    switch (kind, points.count) {
    case ("polygon", 3...): return .outline(Outline(points: points))
    case ("rectangle", 2):
      let (a, b) = (points[0], points[1])
      return .outline(
        Outline(points: [a, OutlinePoint(x: b.x, y: a.y), b, OutlinePoint(x: a.x, y: b.y)]))
    case ("circle", 2):
      let (centre, edge) = (points[0], points[1])
      let radius = hypot(edge.x - centre.x, edge.y - centre.y)
      return .outline(
        Outline(
          points: (0..<180).map { step in
            let angle = Double(step) * .pi / 90
            return OutlinePoint(x: centre.x + radius * cos(angle), y: centre.y + radius * sin(angle))
          }))
    case ("mask", 2):
      guard let data = shape.mask.flatMap({ Data(base64Encoded: $0) }) else {
        throw bad("its mask is no base64")
      }
      do {
        // Labelme writes 1 for inside.
        return .mask(
          try RunLengthMask(picture: data, name: "mask", insideAbove: 0),
          x: Int(points[0].x.rounded()), y: Int(points[0].y.rounded()))
      } catch {
        throw bad("\(error)")
      }
    default: throw bad("a \(kind) of \(points.count) points covers nothing; make it a polygon")
    }
  }
}

extension FormatShape.Area {
  /// Of an outline.
  var points: [OutlinePoint] {
    if case .outline(let outline) = self { outline.points } else { [] }
  }
}
