import CrayonCore
import Foundation
import Yams

/// Ultralytics' format: a text file for each picture, a line for each segment: its class and the corners of one polygon, as
/// parts of the picture's sides. Parts that hang together nowhere are joined by lines without width, as Ultralytics itself
/// does; holes are filled.
struct YOLOSegmentsWriter: FormatWriter {
  private let folder: URL
  private let categories: CategoryTable
  private let numbers: [String: Int]
  private let tolerance: Double

  init(folder: URL, categories: CategoryTable, tolerance: Double) throws {
    self.folder = folder
    self.categories = categories
    self.tolerance = tolerance
    numbers = Dictionary(
      categories.categories.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func write(_ picture: FormatSource) throws -> (shapes: [FormatShape], loss: FormatLoss) {
    let map = picture.map
    var outlines: [Int32: [Outline]] = [:]
    var loss = FormatLoss()
    for piece in MapPieces(map).pieces where piece.id != PanopticMap.void {
      outlines[piece.id, default: []].append(piece.outline.simplified(to: tolerance))
      if piece.hasHoles { loss.filledHoles += 1 }
    }
    loss.withoutNumber = map.segments.count
    // The largest first, as Ultralytics paints them.
    let joined = map.segments.map { segment in (segment, Self.joined(outlines[segment.id] ?? [])) }
      .sorted { ($0.1.area, $1.0.id) > ($1.1.area, $0.0.id) }
    var text = ""
    for (segment, outline) in joined {
      text += "\(numbers[segment.category.name] ?? 0)"
      for point in outline.points {
        text += String(format: " %.6f %.6f", point.x / Double(map.width), point.y / Double(map.height))
      }
      text += "\n"
    }
    let file = folder.appendingPathComponent("labels/\(picture.file).txt")
    try OutputFolder.make(file.deletingLastPathComponent())
    try AtomicFile.write(Data(text.utf8), to: file)
    if let path = picture.path {
      // The picture is found as "images/x.jpg" beside "labels/x.txt".
      let link = folder.appendingPathComponent("images/\(picture.file).\(path.pathExtension)")
      try OutputFolder.make(link.deletingLastPathComponent())
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: path.path)
    }
    let shapes = joined.map { segment, outline in
      FormatShape(segment, area: .outline(outline))
    }
    return (shapes, loss)
  }

  mutating func finish() throws {
    var text = "# Written by crayon export; see https://docs.ultralytics.com/datasets/segment\n"
    text += "path: .\ntrain: images\nval: images\nnames:\n"
    for (number, category) in categories.categories.enumerated() {
      text += "  \(number): \(FormatJSON.text(category.name))\n"
    }
    try AtomicFile.write(Data(text.utf8), to: folder.appendingPathComponent("data.yaml"))
  }

  /// One line around all: from the first outline to each other and back.
  static func joined(_ outlines: [Outline]) -> Outline {
    guard let first = outlines.first else { return Outline(points: []) }
    var detours: [Int: [OutlinePoint]] = [:]
    for other in outlines.dropFirst() {
      guard let start = other.points.first else { continue }
      func distance(_ point: OutlinePoint) -> Double { abs(point.x - start.x) + abs(point.y - start.y) }
      let nearest = first.points.indices.min { distance(first.points[$0]) < distance(first.points[$1]) } ?? 0
      detours[nearest, default: []] += other.points + [start, first.points[nearest]]
    }
    return Outline(points: first.points.indices.flatMap { [first.points[$0]] + (detours[$0] ?? []) })
  }
}

struct YOLOSegmentsReader: FormatReader {
  private static let listName = "data.yaml"

  private let folder: URL
  private let classes: [Int: String]
  /// Below `labels`.
  private let files: [String]
  /// The same from the folder on.
  private let read: Set<FileKey>

  let names: [String]

  func file(of index: Int) -> URL { folder.appendingPathComponent("labels/\(files[index])") }

  func knows(_ name: String) -> Bool {
    // Whole folders may be links.
    [Self.listName, "labels/"].contains(name) || name.hasPrefix("images/") || read.contains(FileKey(name))
      || AnnotationInputs.endsAsPicture(name)
  }

  /// - Parameter place: a folder with `data.yaml` and `labels`, or that `data.yaml`
  init(_ place: URL) throws {
    let file = ForeignFiles.file(Self.listName, in: place)
    guard file.lastPathComponent == Self.listName else {
      throw FormatError.noFolder(
        file: place.path, format: .yoloSeg, contents: "\(Self.listName) and the folder labels")
    }
    folder = file.deletingLastPathComponent()
    let text = try ForeignFiles.text(file)
    guard let listed = (try? Yams.compose(yaml: text))??.mapping?["names"] else {
      throw FormatError.unreadable(file: file.path, reason: "it has no list \"names\"")
    }
    var classes: [Int: String] = [:]
    if let list = listed.sequence {
      for (number, name) in list.enumerated() { classes[number] = name.scalar?.string }
    } else {
      for (number, name) in listed.mapping ?? [:] {
        if let number = number.scalar.flatMap({ Int($0.string) }) { classes[number] = name.scalar?.string }
      }
    }
    guard !classes.isEmpty else {
      throw FormatError.unreadable(file: file.path, reason: "\"names\" names no class")
    }
    self.classes = classes
    // Programs that draw boxes leave their list of classes among the labels.
    files = ForeignFiles.names(below: folder.appendingPathComponent("labels"), ending: ".txt").filter {
      ($0 as NSString).lastPathComponent != "classes.txt"
    }
    read = Set(files.map { FileKey("labels/" + $0) })
    names = files.map { ($0 as NSString).deletingPathExtension }
  }

  func picture(_ index: Int, size: [Int]?) throws -> FormatPicture {
    let file = file(of: index)
    guard let size, FormatPicture.canMeasure(size[0], size[1]) else {
      throw FormatError.unreadable(file: file.path, reason: "nothing says how large its picture is")
    }
    let text = try ForeignFiles.text(file)
    var shapes: [FormatShape] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let first = words.first else { continue }
      func bad(_ reason: String) -> FormatError {
        .badShape(file: file.path, shape: number + 1, reason: reason)
      }
      guard let label = Int(first) else { throw bad("\(first) is no class") }
      guard let name = classes[label] else {
        throw FormatError.unknownClass(file: file.path, line: number + 1, number: label)
      }
      let values = words.dropFirst().compactMap { Double($0) }
      guard values.count == words.count - 1, values.allSatisfy({ abs($0) <= 16 }) else {
        throw bad("its corners are parts of the picture's sides, from 0 to 1")
      }
      guard values.count >= 6, values.count.isMultiple(of: 2) else {
        throw bad("a polygon has three corners or more, x and y of each")
      }
      let points = stride(from: 0, to: values.count, by: 2).map { at in
        OutlinePoint(x: values[at] * Double(size[0]), y: values[at + 1] * Double(size[1]))
      }
      shapes.append(FormatShape(label: name, segment: nil, area: .outline(Outline(points: points))))
    }
    // The largest first: what lies on it is seen.
    shapes.sort { $0.enclosed > $1.enclosed }
    return FormatPicture(name: names[index], width: size[0], height: size[1], shapes: shapes)
  }
}

extension FormatShape {
  fileprivate var enclosed: Double {
    if case .outline(let outline) = area { outline.area } else { 0 }
  }
}
