import CrayonCore
import Foundation
import Imaging

/// A folder for each picture with a black and white PNG for each segment, and `masks.json`, which lists them.
struct MaskFilesWriter: FormatWriter {
  private let folder: URL
  private let output: FormatFile
  private var count = 0

  init(folder: URL) throws {
    self.folder = folder
    output = try FormatFile(folder.appendingPathComponent(MaskFiles.fileName))
    try output.write("{\"images\": [")
  }

  mutating func write(_ picture: FormatSource) throws -> (shapes: [FormatShape], loss: FormatLoss) {
    let map = picture.map
    var entry = MaskFiles.Image(file_name: picture.name, width: map.width, height: map.height, masks: [])
    var shapes: [FormatShape] = []
    for segment in map.segments {
      // Short enough for a file system, in whatever script.
      let name = segment.category.name.prefix(40).map { $0.isLetter || $0.isNumber ? $0 : "-" }
      let file = "\(picture.file)/\(segment.id)-\(String(name)).png"
      let mask = map.mask(of: segment)
      let url = folder.appendingPathComponent(file)
      try OutputFolder.make(url.deletingLastPathComponent())
      // The folder appears whole, so that single files need not.
      do {
        try mask.encodedPNG().write(to: url)
      } catch {
        throw OutputError(path: url.path, reason: SystemReason.of(error))
      }
      entry.masks.append(
        MaskFiles.Mask(
          file_name: file, category: segment.category.name, isthing: segment.category.isThing,
          segment_id: Int(segment.id), iscrowd: segment.isCrowd, score: segment.score))
      shapes.append(FormatShape(segment, area: .mask(mask, x: 0, y: 0)))
    }
    try output.write((count > 0 ? ",\n" : "\n") + FormatJSON.text(entry))
    count += 1
    return (shapes, FormatLoss())
  }

  mutating func finish() throws {
    try output.write("]}\n")
    try output.close()
  }
}

/// `masks.json`.
struct MaskFiles: Decodable {
  static let fileName = "masks.json"

  struct Mask: Codable {
    /// Relative to the list.
    var file_name: String
    var category: String
    var isthing: Bool?
    var segment_id: Int?
    var iscrowd: Bool?
    var score: Float?
  }

  struct Image: Codable {
    var file_name: String
    var width: Int
    var height: Int
    /// A later one lies upon those before it.
    var masks: [Mask]
  }

  var images: [Image]
}

extension MaskFiles.Mask {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    file_name = try container.decode(String.self, forKey: .file_name)
    category = try container.decode(String.self, forKey: .category)
    isthing = try container.decodeIfPresent(COCOFlag.self, forKey: .isthing)?.value
    segment_id = try container.decodeIfPresent(Int.self, forKey: .segment_id)
    iscrowd = try container.decodeIfPresent(COCOFlag.self, forKey: .iscrowd)?.value
    score = try container.decodeIfPresent(Float.self, forKey: .score)
  }
}

struct MaskFilesReader: FormatReader {
  private let file: URL
  private let folder: URL
  private let content: MaskFiles
  /// Paths of the list, its masks and its pictures.
  private let known: Set<FileKey>

  var names: [String] { content.images.map(\.file_name) }

  func file(of index: Int) -> URL { file }

  func knows(_ name: String) -> Bool { known.contains(Self.key(name, in: folder)) }

  /// - Parameter place: the list, or a folder with `masks.json`
  init(_ place: URL) throws {
    file = ForeignFiles.file(MaskFiles.fileName, in: place)
    let (folder, content) = (file.deletingLastPathComponent(), try FormatJSON.read(MaskFiles.self, file))
    let listed = content.images.flatMap { [$0.file_name] + $0.masks.map(\.file_name) }
    known = Set((listed + [MaskFiles.fileName]).map { Self.key($0, in: folder) })
    (self.folder, self.content) = (folder, content)
  }

  private static func key(_ name: String, in folder: URL) -> FileKey {
    FileKey(folder.appendingPathComponent(name).standardizedFileURL.path)
  }

  func picture(_ index: Int, size: [Int]?) throws -> FormatPicture {
    let image = content.images[index]
    guard FormatPicture.canMeasure(image.width, image.height) else {
      throw FormatError.unreadable(
        file: file.path, reason: "\(image.file_name) has no width and height of a picture")
    }
    let shapes = try image.masks.map { entry in
      let file = folder.appendingPathComponent(entry.file_name)
      let data = try ForeignFiles.contents(file)
      let mask: RunLengthMask
      do {
        mask = try RunLengthMask(picture: data, name: file.path, insideAbove: 127)
      } catch {
        throw FormatError.unreadable(file: file.path, reason: "\(error)")
      }
      guard (mask.width, mask.height) == (image.width, image.height) else {
        throw FormatError.wrongSize(
          name: file.path, wanted: [image.width, image.height], got: [mask.width, mask.height])
      }
      return FormatShape(
        label: entry.category, isThing: entry.isthing, segment: entry.segment_id,
        isCrowd: entry.iscrowd ?? false, score: entry.score,
        area: .mask(mask, x: 0, y: 0))
    }
    return FormatPicture(name: image.file_name, width: image.width, height: image.height, shapes: shapes)
  }
}

extension RunLengthMask {
  /// Out of a picture of a mask, in any format that pictures have. What is transparent is outside.
  /// - Parameters:
  ///   - picture: the bytes of its file
  ///   - name: what sentences call it
  ///   - level: of the lighter pixels, which are inside
  /// - Throws: `ImagingError`
  init(picture: Data, name: String, insideAbove level: UInt8) throws {
    let image = try ImageDecoder(mostPixels: 1 << 26, over: .black).run(.init(name: name, data: picture))
    let inside = stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] > level }
    self.init(width: image.width, height: image.height, pixels: inside)
  }
}
