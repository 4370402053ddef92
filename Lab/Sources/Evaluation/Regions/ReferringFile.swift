public import CrayonCore
public import Foundation
import Questions

/// A file of referring expressions as Shikra and NExT-Chat use them: a JSON object a line, with `img_path`, an
/// `expression` (or several `expressions`), `bbox` [x0, y0, x1, y1] in pixels, and for masks `mask` (COCO polygons or
/// run lengths) with `height` and `width`. Other keys are passed over.
public struct ReferringFile: Sendable {
  /// A line: an object, and expressions that mean it.
  public struct Entry: Sendable {
    /// Relative to the folder of pictures.
    public var image: String
    /// At least one.
    public var expressions: [String]
    /// In pixels.
    public var box: PictureBox
    /// nil where the line has none.
    public var mask: RunLengthMask?
    /// The picture's width and height; nil where the file does not say.
    public var size: [Int]?
  }

  /// Of the lines that can be asked about.
  public let entries: [Entry]
  /// Lines that mean no place, and are left out: their boxes have no area, or their masks no pixel.
  public let faults: [String]

  /// - Throws: `QuestionFileError` naming the file, the line and the key.
  public init(reading url: URL) throws {
    var faults: [String] = []
    let lines = try JSONLines.read(Line.self, from: url) { line, place in
      func require(_ isGood: Bool, _ key: String, _ reason: String) throws {
        if !isGood { throw QuestionFileError.badValue(place, key: key, reason: reason) }
      }
      try require(!line.img_path.isEmpty, "img_path", "is empty")
      try require(line.said.contains { !$0.isEmpty }, "expression", "is missing")
      try require(line.bbox.count == 4, "bbox", "has \(line.bbox.count) numbers, not four")
      let isFlat = line.box.width == 0 || line.box.height == 0
      if isFlat {
        faults.append(QuestionFileError.badValue(place, key: "bbox", reason: "has no area").description)
      }
      try require(line.box.hasArea || isFlat, "bbox", "is a box without area")
      try require(
        line.mask.map { !$0.needsSize } ?? true || line.height != nil && line.width != nil, "mask",
        "is a list of polygons, which needs \"height\" and \"width\" beside it")
      do {
        if try line.drawn?.isEmpty == true {
          faults.append(QuestionFileError.badValue(place, key: "mask", reason: "has no pixel").description)
        }
      } catch { try require(false, "mask", "cannot be drawn: \(error)") }
    }
    self.faults = faults
    entries = lines.filter(\.box.hasArea).compactMap { line in
      let mask = try? line.drawn
      guard mask?.isEmpty != true else { return nil }
      return Entry(
        image: line.img_path, expressions: line.said.filter { !$0.isEmpty }, box: line.box, mask: mask,
        size: line.width.flatMap { width in line.height.map { [width, $0] } })
    }
  }

  /// Where what an expression means is, and its mask.
  /// - Parameters:
  ///   - prompt: with `<expr>` for the expression, the first where there are several
  ///   - folder: of the pictures
  public func locating(prompt: String, images folder: URL) -> [RegionSample] {
    entries.map { entry in
      RegionSample(
        image: folder.existing(entry.image),
        question: prompt.replacingOccurrences(of: "<expr>", with: entry.expressions[0]), boxes: [entry.box],
        mask: entry.mask, size: entry.size)
    }
  }

  /// What is in a box; any of its expressions is right.
  /// - Parameters:
  ///   - prompt: with `[1]` for the box
  ///   - folder: of the pictures
  public func describing(prompt: String, images folder: URL) -> [RegionSample] {
    entries.map { entry in
      RegionSample(
        image: folder.existing(entry.image), question: prompt, inputBoxes: [entry.box],
        references: entry.expressions, size: entry.size)
    }
  }

  /// Names are the file's.
  private struct Line: Decodable {
    var img_path: String
    var expression: String?
    var expressions: [String]?
    var bbox: [Double]
    var mask: Mask?
    var height: Int?
    var width: Int?

    var said: [String] { (expression.map { [$0] } ?? []) + (expressions ?? []) }
    /// Only where `bbox` has four numbers.
    var box: PictureBox { PictureBox(x0: bbox[0], y0: bbox[1], x1: bbox[2], y1: bbox[3]) }

    var drawn: RunLengthMask? {
      get throws {
        switch mask {
        case nil: nil
        case .runs(let mask): mask
        case .polygons(let polygons):
          try RunLengthMask(width: width ?? 0, height: height ?? 0, polygons: polygons)
        }
      }
    }
  }

  private enum Mask: Decodable {
    case polygons([[Double]])
    case runs(RunLengthMask)

    var needsSize: Bool { if case .polygons = self { true } else { false } }

    init(from decoder: any Decoder) throws {
      if let polygons = try? decoder.singleValueContainer().decode([[Double]].self) {
        self = .polygons(polygons)
      } else {
        self = .runs(try RunLengthMask(from: decoder))
      }
    }
  }
}
