import Checkpoints
import CrayonCore
import Foundation

/// A picture of an annotated folder, on its way into a format.
struct FormatSource {
  /// In the dataset.
  let id: COCOPanoptic.ImageID
  /// How the dataset lists it.
  let name: String
  /// What its map is called, without an extension.
  let file: String
  /// Where it is; nil where no record says.
  let path: URL?
  let map: PanopticMap
}

/// Writes pictures one after the other, so that memory does not grow with their number.
protocol FormatWriter {
  /// - Returns: the shapes as the format has them, by which the loss is measured, and what it cannot carry
  mutating func write(_ picture: FormatSource) throws -> (shapes: [FormatShape], loss: FormatLoss)
  mutating func finish() throws
}

/// Reads the pictures of a format, one at a time.
protocol FormatReader {
  /// What the pictures are called in the format.
  var names: [String] { get }
  /// The file that says what a picture's segments are.
  func file(of index: Int) -> URL
  /// Whether a file is one of the format's: it is read, or is a picture.
  /// - Parameter name: from the source's folder on; a folder that is not searched has a slash behind
  func knows(_ name: String) -> Bool
  /// - Parameter size: width and height, for formats that do not say them
  /// - Throws: ``FormatError``
  func picture(_ index: Int, size: [Int]?) throws -> FormatPicture
}

/// A text file that is written piece by piece, in a folder that appears whole.
final class FormatFile {
  private let url: URL
  private let handle: FileHandle
  private var pending = Data()

  init(_ url: URL) throws {
    try OutputFolder.make(url.deletingLastPathComponent())
    try AtomicFile.write(Data(), to: url)
    self.url = url
    handle = try FileHandle(forWritingTo: url)
  }

  func write(_ text: String) throws {
    pending.append(contentsOf: text.utf8)
    if pending.count >= 1 << 20 { try flush() }
  }

  func close() throws {
    try flush()
    try handle.close()
  }

  private func flush() throws {
    guard writeAll(pending, to: handle.fileDescriptor) == pending.count else {
      throw OutputError(path: url.path, reason: String(cString: strerror(errno)))
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// Finding and reading what another program wrote.
enum ForeignFiles {
  /// A place as it is where it is a file, else the file of a name in it.
  static func file(_ name: String, in place: URL) -> URL {
    isFile(place) ? place : place.appendingPathComponent(name)
  }

  /// Whether there is something at a place that is no folder.
  static func isFile(_ place: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// The files below a folder with an ending, relative to it, sorted.
  static func names(below folder: URL, ending: String) -> [String] {
    DirectoryListing.files(below: folder).filter { ends($0, in: ending) }
  }

  /// Whether a name has an ending, in whatever case.
  static func ends(_ name: String, in ending: String) -> Bool { name.lowercased().hasSuffix(ending) }

  /// - Throws: ``FormatError``
  static func contents(_ file: URL) throws -> Data {
    guard let data = try? Data(contentsOf: file, options: .mappedIfSafe) else {
      throw fault(of: file, reason: "it cannot be opened")
    }
    return data
  }

  /// - Throws: ``FormatError``
  static func text(_ file: URL) throws -> String {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw fault(of: file, reason: "it is no text in UTF-8")
    }
    return text
  }

  /// Why a file gave nothing; with a reason for one that is there.
  private static func fault(of file: URL, reason: String) -> FormatError {
    if FileManager.default.fileExists(atPath: file.path) {
      .unreadable(file: file.path, reason: reason)
    } else if DirectoryListing.isMangled(file.lastPathComponent) {
      .unreadable(file: file.path, reason: "its name is not UTF-8; rename it")
    } else {
      .notFound(file: file.path)
    }
  }
}

/// Outlines of a map's segments in the order in which they are painted.
struct OutlineShapes {
  /// Void pieces have no label.
  let shapes: [FormatShape]

  init(_ map: PanopticMap, simplifiedTo distance: Double) {
    let byID = Dictionary(map.segments.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    shapes = MapPieces(map).pieces.map { piece in
      let area = FormatShape.Area.outline(piece.outline.simplified(to: distance))
      return byID[piece.id].map { FormatShape($0, area: area) } ?? FormatShape(area: area)
    }
  }
}

extension PanopticMap {
  /// The pixels of a segment, of its box alone.
  func croppedMask(of segment: CrayonCore.Segment) -> RunLengthMask {
    let box = segment.box
    var pixels: [Bool] = []
    pixels.reserveCapacity(box.width * box.height)
    for y in box.y0..<box.y1 { for x in box.x0..<box.x1 { pixels.append(ids[y * width + x] == segment.id) } }
    return RunLengthMask(width: box.width, height: box.height, pixels: pixels)
  }
}

extension URL {
  /// How a file is found from a folder: "../photos/x.jpg".
  func path(from folder: URL) -> String {
    let (mine, base) = (standardizedFileURL.pathComponents, folder.standardizedFileURL.pathComponents)
    let shared = zip(mine, base).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: base.count - shared) + mine[shared...]).joined(separator: "/")
  }
}

/// A file of another format as JSON.
enum FormatJSON {
  /// - Throws: ``FormatError``
  static func read<Value: Decodable>(_ type: Value.Type, _ url: URL) throws -> Value {
    let data = try ForeignFiles.contents(url)
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as DecodingError {
      throw FormatError.unreadable(file: url.path, reason: reason(error, data))
    }
  }

  static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // The values here are numbers, texts and lists of them.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  private static func reason(_ error: DecodingError, _ data: Data) -> String {
    let path = JSONFault.dottedPath
    if let place = JSONFault.placeOfWrongType(error) {
      return "the value of \"\(path(place))\" has the wrong type"
    }
    return switch error {
    case .keyNotFound(let key, let context): "it lacks the key \"\(path(context.codingPath + [key]))\""
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\"\(path(context.codingPath))\": \(context.debugDescription)"
    default: JSONFault.reason(data, error)
    }
  }
}
