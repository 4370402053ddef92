import Checkpoints
import CrayonCore
import Foundation
import Language
import Tensors
import TestSupport
import Testing

/// The language part of CoLLaVO against the authors' own code, on the sequences that theirs makes
/// (Tests/Reference/collavo.py). Activations agree to 1e-4 of the largest (seen: 2e-6; the contract is 1e-3);
/// tokens are exact, and the least margin between two of theirs is 5e-4.
@Suite struct CoLLaVOParityTests {
  @Test(arguments: CoLLaVO.cases)
  func hiddenStatesOfEveryLayer(name: String) throws {
    let tiny = try TinyCoLLaVO()
    let sequence = try tiny.sequence(CoLLaVO.expected(name))
    var cache = KeyValueCache(for: tiny.decoder.configuration)
    var layers: [Int: [Float]] = [:]
    let hidden = try tiny.decoder.run(
      sequence.embeddings, cache: &cache, conditions: DecoderConditions(sequence, .collavo),
      hiddenStatesAt: Array(0..<sequence.count)
    ) { layer, rows, stream in
      layers[layer] = Array(UnsafeBufferPointer(start: stream, count: rows.count * 32))
    }
    let first = Closeness(try #require(layers[0]), to: try tiny.tensor("\(name).hidden.1").values)
    #expect(first.relative < 1e-4, "behind the first layer: \(first)")
    let last = Closeness(hidden.values, to: try tiny.tensor("\(name).hidden.2").values)
    #expect(last.relative < 1e-4, "behind the norm: \(last)")
    let end = hidden.rows(sequence.count - 1..<sequence.count)
    let logits = Closeness(tiny.decoder.logits(end).values, to: try tiny.tensor("\(name).logits").values)
    #expect(logits.relative < 1e-4, "logits: \(logits)")
  }

  @Test(arguments: CoLLaVO.cases)
  func greedyTokens(name: String) throws {
    let tiny = try TinyCoLLaVO()
    let expected = try CoLLaVO.expected(name)
    var session = LanguageSession(try tiny.model(), stopTokens: [])
    let reply = try session.reply(
      to: tiny.sequence(expected), adapters: .collavo, options: AnswerOptions(limit: expected.greedy.count))
    #expect(reply.tokens == expected.greedy && expected.greedy.count == 64)
  }

  /// The picture may end in the middle of what goes through the layers together.
  @Test(arguments: [1, 7, 30])
  func piecesOfAnySize(size: Int) throws {
    let tiny = try TinyCoLLaVO()
    let sequence = try tiny.sequence(CoLLaVO.expected("demo"))
    var generator = Generator(tiny.decoder, conditions: DecoderConditions(sequence, .collavo))
    var values: [Float] = []
    for start in stride(from: 0, to: sequence.count, by: size) {
      let rows = start..<min(start + size, sequence.count)
      values += try generator.append(
        sequence.embeddings.rows(rows), hiddenStatesAt: Array(0..<rows.count)
      ).values
    }
    let closeness = Closeness(values, to: try tiny.tensor("demo.hidden.2").values)
    #expect(closeness.relative < 1e-4, "\(closeness)")
  }

  /// Each adapter has its part in what is compared above, at the picture and behind it, and none before it.
  @Test(arguments: [Decoder.ploraAdapter, Decoder.crayonAdapter])
  func eachAdapterMatters(name: String) throws {
    let tiny = try TinyCoLLaVO()
    let sequence = try tiny.sequence(CoLLaVO.expected("demo"))
    var gains = AdapterGains.collavo
    gains.gains[name] = 0
    var cache = KeyValueCache(for: tiny.decoder.configuration)
    let without = try tiny.decoder.run(
      sequence.embeddings, cache: &cache, conditions: DecoderConditions(sequence, gains),
      hiddenStatesAt: Array(0..<sequence.count))
    let with = try tiny.tensor("demo.hidden.2")
    func closeness(_ rows: Range<Int>) -> Closeness {
      Closeness(without.rows(rows).values, to: with.rows(rows).values)
    }
    let image = sequence.imageSpan
    #expect(closeness(0..<image.lowerBound).relative < 1e-3)
    #expect(closeness(image).relative > 0.05)
    #expect(closeness(image.upperBound..<sequence.count).relative > 0.01)
  }

  /// One reader serves every part of the checkpoint; what the decoder leaves is the other parts'.
  @Test func everyTensorIsAccountedFor() throws {
    let weights = WeightReader(try Checkpoint(folder: CoLLaVO.folder))
    _ = try Decoder(collavo: CoLLaVO.file("config.json"), weights)
    let left = #expect(throws: CheckpointError.self) { try weights.finish() }
    guard case .extraTensors(_, let names) = left else {
      Issue.record("\(String(describing: left))")
      return
    }
    let others = [
      "vit.vision_tower.", "vision_proj.", "vision_proj_for_seg.", "seg_prompt_embed.", "seg_num_embed.",
    ]
    #expect(names.allSatisfy { name in others.contains { name.hasPrefix($0) } })
    #expect(
      Set(names).count == weights.checkpoint.names.count { name in others.contains { name.hasPrefix($0) } })
  }
}
