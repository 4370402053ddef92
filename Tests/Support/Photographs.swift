public import Foundation

/// A hundred photographs of COCO with their maps, which are not part of the project: `CRAYON_COCO_MINI`, else
/// `../shared/data/coco-panoptic-mini` beside the checkout. Tests that need them are skipped where they are not.
public enum Photographs {
  public static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["CRAYON_COCO_MINI"] {
      return URL(fileURLWithPath: path)
    }
    return Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("shared/data/coco-panoptic-mini")
  }()

  public static var areThere: Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("panoptic.json").path)
  }
}
