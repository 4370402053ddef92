import CrayonCore
import CrayonPrompting
import Drawing
public import Foundation
import Grounding
import Panoptic
public import Pipeline

/// Every stage's result in a folder, and a page that shows them side by side.
public struct Inspection: Sendable {
  /// Of the picture, for the page.
  public let name: String
  public let picture: SeenPicture
  /// nil where nothing was asked.
  public let answer: PictureAnswer?
  /// How much each layer's stream changes by the crayon path; empty where nothing was asked.
  public let influence: [Double]

  public init(name: String, picture: SeenPicture, answer: PictureAnswer?, influence: [Double]) {
    self.name = name
    self.picture = picture
    self.answer = answer
    self.influence = influence
  }

  /// The page.
  public static let pageName = "index.html"

  /// Writes all files, the page last; what an earlier inspection left under the same names is replaced.
  /// - Throws: `OutputError`, the artifacts' errors, `DrawingError` or `AtomicFileError`
  public func write(to folder: URL) throws {
    try OutputFolder.make(folder)
    let colours = DisplayPalette().colours(of: picture.map)
    try picture.image.write(to: folder)
    try picture.map.write(to: folder)
    try PanopticOverlay(picture.image, picture.map).write(
      to: folder.appendingPathComponent(PanopticOverlay.fileName))
    try picture.crayon.write(to: folder)
    try CrayonGridPicture(picture.crayon, colours: colours).write(to: folder)
    try picture.vision.write(to: folder)
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
      pictureFile: try contents(RGBImage.fileNames[0]), visionFile: try contents("4-vision.png"))
    try AtomicFile.write(Data(try page.html().utf8), to: folder.appendingPathComponent(Self.pageName))
  }
}
