import Checkpoints
public import Foundation
import Tensors

extension VisionTokens: Artifact {
  public static var fileNames: [String] { ["4-vision.safetensors", "4-vision.png"] }

  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let frame = String(decoding: try encoder.encode(frame), as: UTF8.self)
    var writer = SafetensorsWriter(
      metadata: ["rows": String(rows), "columns": String(columns), "frame": frame])
    writer["features"] = .float32(features)
    try writer.write(to: folder.appendingPathComponent(Self.fileNames[0]))
    try drawing().writePNG(to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  public init(readingFrom folder: URL) throws {
    let checkpoint = try Checkpoint(safetensors: folder.appendingPathComponent(Self.fileNames[0]))
    func side(_ key: String) throws -> Int {
      guard let text = checkpoint.metadata[key], let side = Int(text), (1...1 << 20).contains(side) else {
        throw VisionTokensError.badNote(file: checkpoint.path, key: key)
      }
      return side
    }
    let (rows, columns) = (try side("rows"), try side("columns"))
    guard let text = checkpoint.metadata["frame"],
      let frame = try? JSONDecoder().decode(PictureFrame.self, from: Data(text.utf8)), frame.isPossible
    else { throw VisionTokensError.badNote(file: checkpoint.path, key: "frame") }
    let shape = checkpoint.entry(named: "features")?.shape ?? []
    guard shape.count == 2, shape[0] == rows * columns, shape[1] > 0 else {
      throw VisionTokensError.wrongShape(
        file: checkpoint.path, shape: shape, rows: rows, columns: columns)
    }
    let weights = WeightReader(checkpoint)
    let features = try weights.tensor("features", shape: shape)
    try weights.finish()
    self.init(features: features, rows: rows, columns: columns, frame: frame)
  }

  /// The grid as a picture: the first three principal components of the features are red, green and blue, each
  /// spread over its range, so that cells of one colour are alike to the model. Cells are squares of at least
  /// 16 pixels with a thin line between them.
  public func drawing() -> RGBImage {
    let colours = PrincipalComponents.colours(of: features)
    let cell = max(16, 512 / max(rows, columns))
    let (width, height) = (columns * cell, rows * cell)
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
      for y in 0..<height {
        for x in 0..<width {
          let isLine = x % cell == cell - 1 || y % cell == cell - 1
          let colour = colours[y / cell * columns + x / cell]
          for channel in 0..<3 {
            // A line is its cell, darker.
            let value = colour[channel]
            out[(y * width + x) * 3 + channel] = isLine ? value / 4 * 3 : value
          }
        }
      }
      count = width * height * 3
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}

extension PictureFrame {
  /// Whether a frame read from a file could have been made.
  fileprivate var isPossible: Bool {
    let sides = 1...1 << 24
    guard sides.contains(width), sides.contains(height) else { return false }
    switch mode {
    case .squash, .padToSquare: return true
    case .centreCrop(let edge, let crop): return sides.contains(edge) && sides.contains(crop)
    case .corner(let side), .middle(let side): return sides.contains(side)
    }
  }
}
