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
  /// Lines that mean no place, and are left out: their boxes have no area, or their masks no pixel or some beside the
  /// picture.
  public let faults: [String]

  /// - Throws: `QuestionFileError` naming the file, the line and the key.
  public init(reading url: URL) throws {
    var (entries, faults): ([Entry], [String]) = ([], [])
    try JSONLines.read(Line.self, from: url) { line, place in
      func bad(_ key: String, _ reason: String) -> QuestionFileError {
        .badValue(place, key: key, reason: reason)
      }
      let expressions = line.said.filter { !$0.isEmpty }
      guard !line.img_path.isEmpty else { throw bad("img_path", "is empty") }
      guard !expressions.isEmpty else { throw bad("expression", "is missing") }
      guard line.bbox.count == 4 else { throw bad("bbox", "has \(line.bbox.count) numbers, not four") }
      let isFlat = line.box.width == 0 || line.box.height == 0
      guard line.box.hasArea || isFlat else { throw bad("bbox", "is a box without area") }
      guard line.mask?.extent == nil || line.size != nil else {
        throw bad("mask", "is a list of polygons, which needs \"height\" and \"width\" beside it")
      }
      let mask: RunLengthMask?
      do { mask = try line.drawn } catch { throw bad("mask", "cannot be drawn: \(error)") }
      if isFlat {
        faults.append(bad("bbox", "has no area").description)
      } else if mask?.isEmpty == true {
        faults.append(bad("mask", "has no pixel").description)
      } else if let fault = line.faultOfPolygons {
        faults.append(bad("mask", "\(fault): the truth does not fit its picture").description)
      } else {
        entries.append(
          Entry(image: line.img_path, expressions: expressions, box: line.box, mask: mask, size: line.size))
      }
    }
    self.entries = entries
    self.faults = faults
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
    var size: [Int]? { width.flatMap { width in height.map { [width, $0] } } }

    /// What of polygons lies outside is cut off when they are drawn, and would not be missed.
    var faultOfPolygons: String? {
      guard let size, let extent = mask?.extent else { return nil }
      return TruthFit(width: size[0], height: size[1]).fault(of: extent)
    }

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

    /// Around all corners of polygons; nil for run lengths, which know no other pixels than the picture's.
    var extent: PictureBox? {
      guard case .polygons(let polygons) = self else { return nil }
      func range(from first: Int) -> (least: Double, most: Double) {
        let values = polygons.flatMap { polygon in
          stride(from: first, to: polygon.count, by: 2).map { polygon[$0] }
        }
        return (values.min() ?? 0, values.max() ?? 0)
      }
      let (x, y) = (range(from: 0), range(from: 1))
      return PictureBox(x0: x.least, y0: y.least, x1: x.most, y1: y.most)
    }

    init(from decoder: any Decoder) throws {
      if let polygons = try? decoder.singleValueContainer().decode([[Double]].self) {
        self = .polygons(polygons)
      } else {
        self = .runs(try RunLengthMask(from: decoder))
      }
    }
  }
}
