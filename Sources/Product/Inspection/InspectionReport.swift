package import CrayonCore
import Drawing
public import Foundation
public import Pipeline

/// Every stage's result in a folder, and a page that shows them side by side.
public struct Inspection: Sendable {
  /// Of the picture, for the page.
  public let name: String
  /// Stages 1 to 4.
  public let picture: SeenPicture
  /// nil where nothing was asked.
  public let answer: PictureAnswer?
  /// How much each layer's stream changes by the crayon path; empty where nothing was asked.
  public let influence: [Double]

  /// Memberwise.
  public init(name: String, picture: SeenPicture, answer: PictureAnswer?, influence: [Double]) {
    self.name = name
    self.picture = picture
    self.answer = answer
    self.influence = influence
  }

  /// The page.
  public static let pageName = "index.html"

  /// Writes all files, the page last; what an earlier inspection left under its names is replaced, or gone.
  /// - Throws: `OutputError`, the artifacts' errors, `DrawingError` or `AtomicFileError`
  public func write(to folder: URL) throws {
    try OutputFolder.make(folder)
    if answer == nil {
      let names = FusedSequence.fileNames + Reply.fileNames + Regions.fileNames + [RegionOverlay.fileName]
      for name in names { try? FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
    }
    let colours = DisplayPalette().colours(of: picture.map)
    try picture.image.write(to: folder)
    try picture.map.write(to: folder)
    try PanopticOverlay(picture.image, picture.map).write(
      to: folder.appendingPathComponent(PanopticOverlay.fileName))
    try picture.crayon.write(to: folder)
    try CrayonGridPicture(picture.crayon, colours: colours).write(to: folder)
    try picture.vision.write(to: folder)
    try VisionTokensPicture(picture.vision).image.writePNG(
      to: folder.appendingPathComponent(VisionTokensPicture.fileName))
    try answer?.sequence.write(to: folder)
    try answer?.reply.write(to: folder)
    if let answer {
      try answer.regions.write(to: folder)
      try RegionOverlay(picture.image, answer.regions).write(
        to: folder.appendingPathComponent(RegionOverlay.fileName))
    }
    func contents(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
    let page = InspectionPage(
      name: name, picture: picture, answer: answer, influence: influence, colours: colours,
      pictureFile: try contents(RGBImage.fileNames[0]), visionFile: try contents(VisionTokensPicture.fileName))
    try AtomicFile.write(Data(try page.html().utf8), to: folder.appendingPathComponent(Self.pageName))
  }
}

/// What `crayon inspect`'s page shows, as data for a page that asks for it.
package struct InspectionReport: Sendable, Encodable {
  /// A segment of the map, with its number where the listing has one.
  struct Segment: Sendable, Encodable {
    var id: Int32
    var category: String
    var category_id: Int
    var isthing: Bool
    var iscrowd: Bool
    var score: Float?
    var area: Int
    /// x0, y0, x1, y1 in pixels, right and bottom exclusive.
    var box: [Int]
    /// nil for one that has no place in the listing.
    var number: Int?
    /// As it is spoken of.
    var name: String
  }

  struct Vision: Sendable, Encodable {
    var rows: Int
    var columns: Int
    /// The drawing's PNG, in base64.
    var png: String
  }

  struct Span: Sendable, Encodable {
    var kind: String
    var from: Int
    /// Exclusive.
    var to: Int
    var text: String
  }

  /// Map, grids, regions and colours.
  var page: PageData
  var segments: [Segment]
  /// What a segment can be: the map's vocabulary, and COCO's.
  var categories: [COCOPanoptic.Entry]
  var listing: String
  /// Classes that the model has no word for.
  var unmatched: [String]
  var vision: Vision
  /// Empty where nothing was asked.
  var sequence: [Span]
  /// How much the crayon changes each layer's stream; empty where nothing was asked, or it was not wanted.
  var influence: [Double]
  /// The picture as it was decoded, a PNG in base64; nil where it was not wanted.
  var picture: String?

  /// - Parameters:
  ///   - answer: nil where nothing was asked
  ///   - withPicture: for a browser that cannot decode the picture itself
  /// - Throws: `PNGError` or `CategoryTableError`
  package init(_ seen: SeenPicture, answer: PictureAnswer?, influence: [Double], withPicture: Bool) throws {
    page = try PageData(
      seen, answer?.regions, colours: DisplayPalette().colours(of: seen.map), longestSide: .max)
    let objects = Dictionary(seen.crayon.objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    segments = seen.map.segments.map { segment in
      let category = segment.category
      return Segment(
        id: segment.id, category: category.name, category_id: category.id, isthing: category.isThing,
        iscrowd: segment.isCrowd, score: segment.score, area: segment.area, box: segment.box.edges,
        number: objects[segment.id]?.number, name: objects[segment.id]?.name ?? category.name)
    }
    categories = try (seen.vocabulary ?? .coco).joinedWithCOCO().categories.map(COCOPanoptic.Entry.init)
    listing = seen.crayon.listing
    unmatched = seen.crayon.unmatched
    vision = Vision(
      rows: seen.vision.rows, columns: seen.vision.columns,
      png: try VisionTokensPicture(seen.vision).image.encodedPNG().base64EncodedString())
    sequence = (answer?.sequence.spans ?? []).map {
      Span(kind: $0.kind.word, from: $0.range.lowerBound, to: $0.range.upperBound, text: $0.text)
    }
    self.influence = influence
    picture = withPicture ? try seen.image.encodedPNG().base64EncodedString() : nil
  }
}

extension CategoryTable {
  /// This vocabulary, and what COCO has besides; without what is a thing in one and stuff in the other.
  /// - Throws: `CategoryTableError`
  package func joinedWithCOCO() throws -> CategoryTable {
    let others = CategoryTable.coco.categories.filter { category(named: $0.name) == nil }
    return try joined(with: CategoryTable(others))
  }
}
