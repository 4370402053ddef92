public import Foundation

extension Regions {
  /// Writes the masks into a folder, which is made where there is none: `1.png` for the region of the answer's first
  /// trigger, and so on; a region without a mask has no file.
  /// - Throws: `OutputError`, `PNGError` or `AtomicFileError`
  public func writeMasks(to folder: URL) throws {
    try OutputFolder.make(folder)
    for region in regions {
      try region.mask?.writePNG(to: folder.appendingPathComponent("\(region.trigger + 1).png"))
    }
  }
}
