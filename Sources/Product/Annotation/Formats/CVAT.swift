import CrayonCore
import Foundation
import FoundationXML

/// "CVAT for images 1.1": one XML file; a mask for each segment, whose run lengths keep holes and parts, and whose
/// attributes `segment` and `crowd` keep what CVAT itself has no name for.
struct CVATWriter: FormatWriter {
  private let output: FormatFile
  private var count = 0

  init(folder: URL, categories: CategoryTable) throws {
    output = try FormatFile(folder.appendingPathComponent(CVAT.fileName))
    try output.write(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n"
        + "      <labels>\n")
    let attributes = [("segment", "number", "0;16777215;1", "0"), ("crowd", "checkbox", "", "false")]
    for category in categories.categories {
      try output.write(
        "        <label>\n          <name>\(CVAT.escaped(category.name))</name>\n          <attributes>\n")
      for (name, type, values, standard) in attributes {
        try output.write(
          "            <attribute><name>\(name)</name><mutable>False</mutable><input_type>\(type)</input_type>"
            + "<default_value>\(standard)</default_value><values>\(values)</values></attribute>\n")
      }
      try output.write("          </attributes>\n        </label>\n")
    }
    try output.write("      </labels>\n    </task>\n  </meta>\n")
  }

  mutating func write(_ picture: FormatSource) throws -> (shapes: [FormatShape], loss: FormatLoss) {
    let map = picture.map
    try output.write(
      "  <image id=\"\(count)\" name=\"\(CVAT.escaped(picture.name))\" width=\"\(map.width)\" height=\"\(map.height)\">\n"
    )
    count += 1
    var shapes: [FormatShape] = []
    for segment in map.segments {
      let (mask, box) = (map.croppedMask(of: segment), segment.box)
      try output.write(
        "    <mask label=\"\(CVAT.escaped(segment.category.name))\" source=\"manual\" occluded=\"0\" "
          + "rle=\"\(CVAT.runs(mask).map(String.init).joined(separator: ", "))\" left=\"\(box.x0)\" top=\"\(box.y0)\" "
          + "width=\"\(box.width)\" height=\"\(box.height)\" z_order=\"0\">\n"
          + "      <attribute name=\"segment\">\(segment.id)</attribute>\n"
          + "      <attribute name=\"crowd\">\(segment.isCrowd)</attribute>\n    </mask>\n")
      shapes.append(FormatShape(segment, area: .mask(mask, x: box.x0, y: box.y0)))
    }
    try output.write("  </image>\n")
    return (shapes, FormatLoss())
  }

  mutating func finish() throws {
    try output.write("</annotations>\n")
    try output.close()
  }
}

enum CVAT {
  static let fileName = "annotations.xml"

  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      case "\r": result += "&#13;"
      case "\r\n": result += "&#13;&#10;"
      default: result.append(character)
      }
    }
  }

  /// The lengths of runs outside and inside in turn, row by row.
  static func runs(_ mask: RunLengthMask) -> [Int] {
    var (runs, isInside, length) = ([Int](), false, 0)
    for pixel in mask.pixels {
      if pixel != isInside {
        runs.append(length)
        (isInside, length) = (pixel, 0)
      }
      length += 1
    }
    return runs + [length]
  }

  /// - Returns: nil where the runs are not as many pixels as the sides say
  static func mask(_ runs: [Int], width: Int, height: Int) -> RunLengthMask? {
    guard FormatPicture.canMeasure(width, height) else { return nil }
    var pixels: [Bool] = []
    pixels.reserveCapacity(width * height)
    for (index, run) in runs.enumerated() {
      guard run >= 0, run <= width * height - pixels.count else { return nil }
      pixels.append(contentsOf: repeatElement(index % 2 == 1, count: run))
    }
    // Some writers leave the last run outside away.
    pixels.append(contentsOf: repeatElement(false, count: width * height - pixels.count))
    return RunLengthMask(width: width, height: height, pixels: pixels)
  }
}

struct CVATReader: FormatReader {
  private let file: URL
  private let pictures: [FormatPicture]

  var names: [String] { pictures.map(\.name) }

  func file(of index: Int) -> URL { file }

  func knows(_ name: String) -> Bool {
    name == CVAT.fileName || AnnotationInputs.endsAsPicture(name)
  }

  /// - Parameter place: the file, or a folder with `annotations.xml`
  init(_ place: URL) throws {
    file = ForeignFiles.file(CVAT.fileName, in: place)
    let data = try ForeignFiles.contents(file)
    // The parser ends the program at a name that is no UTF-8.
    guard data.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) != nil else {
      throw FormatError.unreadable(file: file.path, reason: "it is no text in UTF-8")
    }
    let parser = XMLParser(stream: InputStream(data: data))
    parser.shouldResolveExternalEntities = false
    let images = CVATImages(file: file.path)
    parser.delegate = images
    let isWhole = parser.parse()
    if let error = images.error { throw error }
    // From a stream, a text that ends before its root does is not refused by the parser itself.
    guard isWhole, images.isClosed || !images.isCVAT else {
      throw FormatError.unreadable(file: file.path, reason: "it is no XML from line \(parser.lineNumber) on")
    }
    guard images.isCVAT else {
      throw FormatError.unreadable(file: file.path, reason: "it has no <annotations>")
    }
    pictures = images.pictures
  }

  func picture(_ index: Int, size: [Int]?) throws -> FormatPicture { pictures[index] }
}

/// Takes the images out of CVAT's XML.
private final class CVATImages: NSObject, XMLParserDelegate {
  private(set) var pictures: [FormatPicture] = []
  private(set) var error: FormatError?
  private(set) var isCVAT = false
  private(set) var isClosed = false
  private let file: String
  private var shape: (shape: FormatShape, order: Int)?
  private var shapes: [(shape: FormatShape, order: Int)] = []
  private var attribute: String?
  private var text = ""

  init(file: String) { self.file = file }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    func number(_ key: String) -> Int? {
      attributes[key].flatMap { Double($0) }.flatMap { Int(exactly: $0.rounded()) }
    }
    switch name {
    case "annotations": isCVAT = true
    case "image":
      guard let title = attributes["name"], let width = number("width"), let height = number("height"),
        FormatPicture.canMeasure(width, height)
      else { return fail(parser, "an <image> has no name, width and height of a picture") }
      pictures.append(FormatPicture(name: title, width: width, height: height, shapes: []))
      shapes = []
    case "mask", "polygon", "box", "ellipse":
      guard !pictures.isEmpty else { return }
      guard let label = attributes["label"], !label.isEmpty, let area = area(name, attributes) else {
        return fail(parser, "a <\(name)> has no label, or its numbers are no area")
      }
      shape = (
        FormatShape(label: label, segment: number("group_id"), area: area),
        attributes["z_order"].flatMap { Int($0) } ?? 0
      )
    case "polyline", "points", "cuboid", "skeleton", "tag":
      fail(parser, "a <\(name)> covers no pixels; export masks and polygons alone")
    case "attribute" where shape != nil:
      attribute = attributes["name"]
      text = ""
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if attribute != nil, text.utf8.count < 64 { text += string }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    switch name {
    case "annotations": isClosed = true
    case "attribute":
      let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
      // 0 is what CVAT gives to a mask that a person has drawn.
      if attribute == "segment", let id = Int(value), id > 0 { shape?.shape.segment = id }
      if attribute == "crowd" { shape?.shape.isCrowd = value == "true" }
      attribute = nil
    case "mask", "polygon", "box", "ellipse":
      if let shape { shapes.append(shape) }
      shape = nil
    case "image":
      let sorted = shapes.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
      if !pictures.isEmpty { pictures[pictures.count - 1].shapes = sorted.map(\.element.shape) }
      shapes = []
    default: break
    }
  }

  private func fail(_ parser: XMLParser, _ reason: String) {
    error = error ?? .unreadable(file: file, reason: "line \(parser.lineNumber): \(reason)")
    parser.abortParsing()
  }

  private func area(_ kind: String, _ attributes: [String: String]) -> FormatShape.Area? {
    func value(_ key: String) -> Double? {
      attributes[key].flatMap { Double($0) }.flatMap { OutlinePoint.canReach($0) ? $0 : nil }
    }
    let turn = (Double(attributes["rotation"] ?? "0") ?? .nan) * .pi / 180
    guard turn.isFinite else { return nil }
    /// Turned as CVAT turns boxes and ellipses: clockwise about their middle.
    func outline(_ corners: [(Double, Double)], around middle: (x: Double, y: Double)) -> FormatShape.Area {
      .outline(
        Outline(
          points: corners.map { x, y in
            let (dx, dy) = (x - middle.x, y - middle.y)
            return OutlinePoint(
              x: middle.x + dx * cos(turn) - dy * sin(turn), y: middle.y + dx * sin(turn) + dy * cos(turn))
          }))
    }
    switch kind {
    case "mask":
      let words = (attributes["rle"] ?? "").split { $0 == "," || $0 == " " }
      let runs = words.compactMap { Int($0) }
      guard runs.count == words.count, !runs.isEmpty, let left = value("left"), let top = value("top"),
        let width = value("width"), let height = value("height"), let picture = pictures.last,
        Int(width) <= picture.width, Int(height) <= picture.height,
        let mask = CVAT.mask(runs, width: Int(width), height: Int(height))
      else { return nil }
      return .mask(mask, x: Int(left), y: Int(top))
    case "polygon":
      let pairs = (attributes["points"] ?? "").split(separator: ";").map { pair in
        pair.split(separator: ",").compactMap { Double($0) }
      }
      guard pairs.count >= 3, pairs.allSatisfy({ $0.count == 2 && $0.allSatisfy(OutlinePoint.canReach) })
      else {
        return nil
      }
      return .outline(Outline(points: pairs.map { OutlinePoint(x: $0[0], y: $0[1]) }))
    case "box":
      guard let x0 = value("xtl"), let y0 = value("ytl"), let x1 = value("xbr"), let y1 = value("ybr") else {
        return nil
      }
      return outline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], around: ((x0 + x1) / 2, (y0 + y1) / 2))
    default:
      guard let cx = value("cx"), let cy = value("cy"), let rx = value("rx"), let ry = value("ry") else {
        return nil
      }
      let corners = (0..<180).map { step in
        let angle = Double(step) * .pi / 90
        return (cx + rx * cos(angle), cy + ry * sin(angle))
      }
      return outline(corners, around: (cx, cy))
    }
  }
}
