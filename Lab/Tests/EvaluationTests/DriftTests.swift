import Checkpoints
import Evaluation
import Foundation
import Imaging
import Pipeline
import Tensors
import TestSupport
import Testing

/// Drift between two variants of a tiny NExT-Chat.
@Suite struct DriftTests {
  static func pipeline(
    in folder: borrowing TemporaryFolder, model: URL = NExTChat.folder
  ) throws -> Pipeline {
    var configuration = try PipelineConfiguration(reading: NExTChat.pipeline(in: folder, model: model))
    configuration.precision = .float32
    return try Pipeline(configuration, makesMaps: false, cache: nil)
  }

  /// Two variants whose box decoders differ: what is before them does not drift, and boxes do.
  @Test func onlyBoxesAndMasksDriftWithTheBoxDecoder() throws {
    let folder = try TemporaryFolder()
    let other = folder.file("nextchat-other")
    try NExTChat.copy(to: other) { writer, checkpoint in
      let bias = try checkpoint.tensor("loc_decoder.2.bias")
      writer["loc_decoder.2.bias"] = .float32(
        Tensor(zip(bias.values, [0, 0, -0.05, -0.05]).map { $0 + $1 }, shape: bias.shape))
    }
    func rows(_ model: URL) throws -> [DriftTable.Measure: DriftTable.Row] {
      let drift = try Drift(
        reference: Self.pipeline(in: folder),
        variant: Self.pipeline(in: folder, model: model))
      var table = DriftTable()
      try drift.measure(
        ImageDecoder.Input(file: NExTChat.file("picture-wide.png")),
        question: "Where is the cup? Please find it.",
        limit: 60, into: &table)
      return Dictionary(table.rows.map { ($0.measure, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let same = try rows(NExTChat.folder)
    let boxes = try #require(same[.boxes])
    let masks = try #require(same[.masks])
    #expect(boxes.count > 1 && masks.count > 0)
    #expect(abs(boxes.worst - 1) < 1e-4 && masks.worst > 0.99)
    let moved = try rows(other)
    #expect(try #require(moved[.hiddenStates]).worst > 1 - 1e-6)
    #expect(try #require(moved[.boxes]).mean < 0.99)
    #expect(moved[.boxes]?.count == boxes.count)
  }
}
