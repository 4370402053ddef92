import Checkpoints
import Foundation
import Tensors
import TestSupport

/// A tiny random decoder and what transformers makes of it.
struct TinyDecoder {
  struct Expected: Decodable {
    var tokens: [Int]
    var prompt: Int?
    var greedy: [Int]?
    var beams: [Int]?
    var beamStop: Int?
    var penalised: [Int]?
    var penalty: Float?
    var gains: [String: [Float]]?
  }

  static let fixtures = Fixtures.folder.appendingPathComponent("6-Language")

  let folder: URL
  let expected: Expected
  private let tensors: Checkpoint

  init(_ name: String) throws {
    folder = Self.fixtures.appendingPathComponent(name)
    expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    tensors = try Checkpoint(file: folder.appendingPathComponent("expected.safetensors"))
  }

  func tensor(_ name: String) throws -> [Float] { try tensors.tensor(name).values }
}
