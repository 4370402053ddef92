import Checkpoints
import CrayonCore
import Foundation
import Grounding
import Layers
import PNGFiles
import Tensors
import TestSupport

/// A tiny SAM of random weights with what transformers makes of it. Fixtures: Tests/Reference/grounding.py.
struct TinySAM {
  /// Windows beside whole layers in a folder, whole layers alone with fewer masks in 16 bits, and the authors' names.
  static let names = ["base", "other", "original"]

  struct Case: Decodable {
    var kind: String
    var points: [[Float]]
    var labels: [Int]
    var box: [Float]?
    var given: Bool
    var mask: Bool
  }

  let sam: SAM
  let expected: Checkpoint
  let picture: RGBImage
  let cases: [Case]

  static func folder(_ name: String) -> URL {
    Fixtures.folder.appendingPathComponent("7-Grounding/sam-\(name)")
  }

  init(_ name: String) throws {
    let folder = Self.folder(name)
    sam =
      name == "original"
      ? try SAM(original: folder.appendingPathComponent("sam_vit_tiny.pth")) : try SAM(folder: folder)
    expected = try Checkpoint(file: folder.appendingPathComponent("expected.safetensors"))
    let decoded = try PNG.decode(Data(contentsOf: folder.appendingPathComponent("picture.png")))
    picture = RGBImage(width: decoded.width, height: decoded.height, pixels: decoded.rgb)
    cases = try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: folder.appendingPathComponent("cases.json")))
  }

  func prompt(_ test: Case) throws -> SAMPrompt {
    SAMPrompt(
      points: zip(test.points, test.labels).map { .init(x: $0[0], y: $0[1], isInside: $1 == 1) },
      box: test.box.map { .init(x0: $0[0], y0: $0[1], x1: $0[2], y1: $0[3]) },
      embeddings: test.given ? try expected.tensor("given") : nil,
      mask: test.mask ? ChannelsFirst.map(try expected.tensor("mask")) : nil)
  }
}
