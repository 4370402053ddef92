import CrayonCore
import Foundation

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
