import Annotation
import CrayonCore
import Foundation
import Imaging
import Resampling

/// Small pictures for the gallery, made on a thread of their own: a large picture takes a while, and meanwhile lists
/// and maps are asked for.
actor Thumbnails {
  /// The most pixels of a side.
  private static let side = 320

  private let thread = WorkThread("crayon-thumbnails")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let folder: AnnotationFolder
  private let decoder: ImageDecoder
  /// By their tags.
  private var made = LeastRecentlyUsed<String, Data>(limit: 64 << 20)

  init(_ folder: AnnotationFolder, mostPixels: Int) {
    self.folder = folder
    decoder = ImageDecoder(mostPixels: mostPixels)
  }

  /// Names a thumbnail, as an `ETag`: another picture has another.
  static func tag(of picture: AnnotatedPicture) -> String { "\"\(picture.digest.prefix(32))-\(side)\"" }

  /// - Throws: ``ServeError``, `AnnotationError`, or `CancellationError`
  func png(of picture: AnnotatedPicture) throws -> Data {
    let tag = Self.tag(of: picture)
    if let known = made.value(tag) { return known }
    // Who waits for this thread may have been given up.
    try Task.checkCancellation()
    let png = try folder.serving {
      let image = try decoder.run(.init(name: picture.name, data: try folder.bytes(ofPicture: picture.file)))
      let scale = min(1, Double(Self.side) / Double(max(image.width, image.height)))
      func scaled(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
      return try image.resized(width: scaled(image.width), height: scaled(image.height), by: .pillowBilinear)
        .encodedPNG()
    }
    made.put(png, for: tag, cost: png.count)
    return png
  }
}

extension AnnotationFolder {
  /// Does something with the folder's files for a client. What is wrong with them is the server's state, and no wrong
  /// request; and they are named from the folder on, since no path of the server's disk is for others.
  /// - Throws: ``ServeError``; or `AnnotationError` where it names a picture alone
  func serving<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch {
      switch error {
      case is ServeError, AnnotationError.noRecord, AnnotationError.pictureGone,
        AnnotationError.editedMapDoesNotFit:
        throw error
      case COCOPanopticError.unreadable(let map, _) where !FileManager.default.fileExists(atPath: map):
        throw ServeError.noMap(file: named(fromHere: map))
      default: throw ServeError.badFolder(reason: named(fromHere: "\(error)"))
      }
    }
  }

  /// A text with the folder's files called as they are in it.
  private func named(fromHere text: String) -> String {
    Set([url.path, url.resolvingSymlinksInPath().path]).sorted { $0.count > $1.count }.reduce(text) {
      text, path in
      text.replacing(path + "/", with: "").replacing(path, with: url.lastPathComponent)
    }
  }
}
