public import CrayonCore
public import Foundation
public import Questions

/// A question about a picture whose answer is compared with places in it, or with words about a place.
public struct RegionSample: Sendable {
  /// The picture's file.
  public var image: URL
  /// `[1]` stands for the first of ``inputBoxes``.
  public var question: String
  /// In pixels of the picture.
  public var inputBoxes: [PictureBox]
  /// What the answer should point at.
  public var boxes: [PictureBox]
  /// The same to the pixel; of the picture's size.
  public var mask: RunLengthMask?
  /// What the answer should say; any of these.
  public var references: [String]
  /// The picture's width and height as the dataset lists them; nil where it does not.
  public var size: [Int]?

  /// Memberwise.
  public init(
    image: URL, question: String, inputBoxes: [PictureBox] = [], boxes: [PictureBox] = [],
    mask: RunLengthMask? = nil, references: [String] = [], size: [Int]? = nil
  ) {
    self.image = image
    self.question = question
    self.inputBoxes = inputBoxes
    self.boxes = boxes
    self.mask = mask
    self.references = references
    self.size = size
  }

  /// Why the truth cannot be that of a picture of this size; nil where it can. What does not fit is the dataset's fault,
  /// and no answer's.
  public func fault(width: Int, height: Int) -> String? {
    TruthFit(width: width, height: height).fault(
      size: size, boxes: boxes + inputBoxes, mask: mask.map { [$0.width, $0.height] })
  }
}

/// What was answered to a question, and where it points.
public struct RegionAnswer: Sendable {
  /// Without special tokens; in answers to a `Question`, its mark stands for each region.
  public var text: String
  /// In the order in which the answer names them.
  public var regions: [Region]

  /// Memberwise.
  public init(text: String, regions: [Region] = []) {
    self.text = text
    self.regions = regions
  }
}

/// Something that is fed answers to ``RegionSample``s, one at a time, and keeps the score. Its figures are fractions.
public protocol RegionEvaluation: Encodable {
  init()

  mutating func add(_ sample: RegionSample, _ answer: RegionAnswer)

  /// Heads of the figures' columns.
  static var columns: [String] { get }
  /// Figures in percent, one for each column.
  var cells: [String] { get }
}

extension RegionEvaluation {
  /// A row for each, for a terminal.
  public static func table(_ rows: [(name: String, figures: Self)]) -> String {
    var table = TextTable([""] + columns)
    for (name, figures) in rows { table.add([name] + figures.cells) }
    return table.text
  }
}

/// Figures of places: they depend on what is asked where a place is, the model's heads or the map.
public protocol PlaceEvaluation: RegionEvaluation {}

/// Holds a truth against the picture that it should be of.
struct TruthFit {
  let width: Int
  let height: Int

  /// How far a box may reach beyond the picture: datasets round their edges.
  private static let tolerance = 1.0

  /// - Parameters:
  ///   - size: width and height as the truth lists the picture
  ///   - mask: its width and height
  func fault(size: [Int]?, boxes: [PictureBox], mask: [Int]? = nil) -> String? {
    let own = [width, height]
    func text(_ size: [Int]) -> String { size.map(String.init).joined(separator: "×") }
    if let size, size != own { return "it is listed with \(text(size)) pixels, and has \(text(own))" }
    if let mask, mask != own { return "the mask has \(text(mask)) pixels, and the picture \(text(own))" }
    for box in boxes {
      guard let fault = fault(of: box) else { continue }
      let edges = box.edges.map { Int(exactly: $0).map(String.init) ?? "\($0)" }.joined(separator: ",")
      return "the box \(edges) \(fault)"
    }
    return nil
  }

  /// Why a box cannot be a place in the picture, as the rest of a sentence; nil where it can.
  func fault(of box: PictureBox) -> String? {
    let (right, bottom) = (Double(width), Double(height))
    let isBeside = box.x1 <= 0 || box.y1 <= 0 || box.x0 >= right || box.y0 >= bottom
    if isBeside || box.x0 < -Self.tolerance || box.y0 < -Self.tolerance || box.x1 > right + Self.tolerance
      || box.y1 > bottom + Self.tolerance
    {
      return "reaches beyond the picture's \(width)×\(height) pixels"
    }
    // Whoever means the first pixel says all of it.
    let isInFirstPixel = box.edges.allSatisfy { (0...1).contains($0) }
    return isInFirstPixel && box.edges != [0, 0, 1, 1]
      ? "is less than a pixel; places are said in pixels, not in parts of the sides" : nil
  }
}

extension QuestionRecord {
  /// Why the record cannot be of a picture of this size; nil where it can.
  public func fault(width: Int, height: Int) -> String? {
    TruthFit(width: width, height: height).fault(size: [self.width, self.height], boxes: [])
  }
}
