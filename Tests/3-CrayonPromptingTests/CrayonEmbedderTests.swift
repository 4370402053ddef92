import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Tensors
import TestSupport
import Testing

/// Crayon features against PyTorch (Tests/Reference/crayon_prompt.py: six categories, tables 8 wide, features
/// 12).
@Suite struct CrayonEmbedderTests {
  static let file = AuthorsParityTests.fixtures.appendingPathComponent("features.safetensors")

  static func embedder(vocabulary: Int = 6, width: Int = 12, names: CrayonTensorNames = .pocket) throws
    -> CrayonEmbedder
  {
    try CrayonEmbedder(
      WeightReader(Checkpoint(file: file)), names: names, vocabulary: vocabulary, width: width)
  }

  /// - Parameter cells: semantic and numbering index of each cell
  static func prompt(_ cells: [[Int]]) throws -> CrayonPrompt {
    let listed = cells.enumerated().map { index, cell in
      #"{"id":\#(index + 1),"category":"c","name":"c","number":1,"semantic":1,"box":{"x0":0,"y0":0,"x1":1,"y1":1}}"#
    }
    func list(_ values: some Sequence<Int>) -> String { values.map(String.init).joined(separator: ",") }
    let json = """
      {"grid":{"rows":1,"columns":\(cells.count)},"ids":[\(list(1...cells.count))],
      "semantic":[\(list(cells.map { $0[0] }))],"numbering":[\(list(cells.map { $0[1] }))],
      "objects":[\(listed.joined(separator: ","))],"listing":"","unmatched":[]}
      """
    return try JSONDecoder().decode(CrayonPrompt.self, from: Data(json.utf8))
  }

  static func cells() throws -> [[Int]] {
    let values = try Checkpoint(file: file).integers(named: "cells")
    return stride(from: 0, to: values.count, by: 2).map { Array(values[$0..<$0 + 2]) }
  }

  @Test(arguments: [
    (CrayonEmbedder.Channels.semanticAndNumbering, "expected"), (.semantic, "expected_semantic"),
  ])
  func features(channels: CrayonEmbedder.Channels, name: String) throws {
    let embedder = try Self.embedder()
    #expect(embedder.width == 12)
    let features = try embedder.features(of: Self.prompt(Self.cells()), channels: channels)
    #expect(features.shape == [8, 12])
    let closeness = Closeness(features.values, to: try Checkpoint(file: Self.file).tensor(name).values)
    #expect(closeness.relative < 1e-5, "\(closeness)")
  }

  /// CoLLaVO's own tables and connector, on the prompts that its code makes.
  @Test(arguments: CoLLaVO.cases)
  func featuresOfCollavo(name: String) throws {
    let weights = WeightReader(try Checkpoint(folder: CoLLaVO.folder))
    let embedder = try CrayonEmbedder(weights, names: .collavo, vocabulary: 133, width: 32)
    let expected = try CoLLaVO.expected(name)
    let features = try embedder.features(
      of: Self.prompt(zip(expected.semantic, expected.numbering).map { [$0, $1] }))
    let stored = try Checkpoint(file: CoLLaVO.file("expected.safetensors")).tensor("crayon.\(expected.map)")
    let closeness = Closeness(features.values, to: stored.values)
    #expect(features.shape == stored.shape && closeness.relative < 1e-5, "\(closeness)")
  }

  @Test func cellsThatAreAlikeHaveTheSameFeaturesBitForBit() throws {
    let features = try Self.embedder().features(of: Self.prompt([[1, 1], [2, 0], [1, 1]])).values
    #expect(features[0..<12] == features[24..<36])
    #expect(features[0..<12] != features[12..<24])
  }

  @Test(arguments: [
    ([7, 0], "the index 7 for the semantic table, which has 7 rows"),
    ([0, 21], "the index 21 for the numbering table, which has 21 rows"),
    ([-1, 0], "the index -1 for the semantic table, which has 7 rows"),
  ])
  func aPromptOfAnotherVocabulary(cell: [Int], what: String) throws {
    let embedder = try Self.embedder()
    let error = #expect(throws: CrayonPromptingError.self) {
      try embedder.features(of: Self.prompt([[0, 0], cell]))
    }
    #expect(error?.description == "the crayon prompt has \(what); it was made for another vocabulary")
  }

  @Test func tablesOfOtherSizesAreRefused() throws {
    let path = Self.file.path
    func error(_ body: () throws -> CrayonEmbedder) -> CheckpointError? {
      #expect(throws: CheckpointError.self) { _ = try body() }
    }
    #expect(
      error { try Self.embedder(vocabulary: 133) }
        == .wrongShape(path: path, name: "semantic", expected: [134, 8], got: [7, 8]))
    #expect(
      error { try Self.embedder(width: 16) }
        == .wrongShape(path: path, name: "connector.0.weight", expected: [16, 8], got: [12, 8]))
    #expect(
      error { try Self.embedder(names: .collavo) }
        == .missingTensor(path: path, name: "seg_prompt_embed.weight"))
  }
}
