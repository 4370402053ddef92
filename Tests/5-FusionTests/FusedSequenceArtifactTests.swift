import Checkpoints
import CrayonCore
import Foundation
import Fusion
import Tensors
import TestSupport
import Testing

/// The stage's result as files.
@Suite struct FusedSequenceArtifactTests {
  static func sequence(crayon: Bool = true) throws -> FusedSequence {
    try FuserTests.run(
      "Is [1] red? 😀", crayon: crayon ? Pocket.rows(6, seed: 7) : nil,
      regions: [Pocket.rows(1, seed: 5)])
  }

  @Test(arguments: [true, false])
  func whatIsWrittenIsReadBack(crayon: Bool) throws {
    let folder = try TemporaryFolder()
    let sequence = try Self.sequence(crayon: crayon)
    try sequence.write(to: folder.url)
    let read = try FusedSequence(readingFrom: folder.url)
    #expect(read.tokens == sequence.tokens && read.spans == sequence.spans)
    #expect(read.embeddings.shape == sequence.embeddings.shape)
    #expect(read.embeddings.values == sequence.embeddings.values)
    #expect(read.crayonFeatures?.values == sequence.crayonFeatures?.values)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.sorted() == FusedSequence.fileNames)
  }

  static func message(_ change: (TemporaryFolderReference) throws -> Void) throws -> String {
    let folder = try TemporaryFolder()
    try sequence().write(to: folder.url)
    try change(TemporaryFolderReference(url: folder.url))
    do {
      return "accepted: \(try FusedSequence(readingFrom: folder.url).count)"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path, with: "DIR")
    }
  }

  /// What a change of the files is given.
  struct TemporaryFolderReference {
    let url: URL
    var json: URL { url.appendingPathComponent("5-sequence.json") }
    var tensors: URL { url.appendingPathComponent("5-sequence.safetensors") }
  }

  static let broken = "DIR/5-sequence.json does not hold together: its spans do not follow each other"
  static let uncovered = "DIR/5-sequence.json does not hold together: its spans do not cover its tokens"
  static let noJSON = "DIR/5-sequence.json cannot be read: it is not the JSON of this artifact"

  @Test(arguments: [
    (#""start" : 0,"#, #""start" : 1,"#, broken), (#""start" : 0,"#, #""start" : -1,"#, broken),
    (#""end" : "#, #""end" : 9223372036854775807, "was" : "#, broken),
    (#""kind" : "image","#, #""kind" : "picture","#, broken),
    (#""kind" : "image","#, #""region" : 1, "kind" : "image","#, broken),
    (#""region" : 1,"#, "", broken), (#""tokens" : ["#, #""tokens" : [7,"#, uncovered),
    (#""tokens" : ["#, #""tokens" : ["x","#, noJSON), (#""spans""#, #""spins""#, noJSON),
  ])
  func aDamagedList(old: String, new: String, sentence: String) throws {
    var wasThere = false
    let message = try Self.message { folder in
      let text = try String(contentsOf: folder.json, encoding: .utf8)
      wasThere = text.contains(old)
      var changed = text
      if let range = changed.range(of: old) { changed.replaceSubrange(range, with: new) }
      try changed.write(to: folder.json, atomically: true, encoding: .utf8)
    }
    #expect(wasThere && message == sentence)
  }

  @Test func otherTensors() throws {
    func message(_ change: (inout SafetensorsWriter, FusedSequence) -> Void) throws -> String {
      try Self.message { folder in
        let sequence = try Self.sequence()
        var writer = SafetensorsWriter()
        writer["embeddings"] = .float32(sequence.embeddings)
        writer["crayon_features"] = .float32(Pocket.rows(6, seed: 7))
        change(&writer, sequence)
        try writer.write(to: folder.tensors)
      }
    }
    let count = try Self.sequence().count
    #expect(
      try message { writer, sequence in writer["embeddings"] = .float32(sequence.embeddings.rows(0..<count - 1))
      }
        == "DIR/5-sequence.safetensors holds embeddings with shape [\(count - 1), 8], but the model needs [\(count), 8]"
    )
    #expect(
      try message { writer, _ in writer["crayon_features"] = .float32(Pocket.rows(5, seed: 7)) }
        == "DIR/5-sequence.safetensors holds crayon_features with shape [5, 8], but the model needs [6, 8]")
    #expect(
      try message { writer, _ in writer["embeddings"] = .float32(Tensor(zeros: [])) }
        == "DIR/5-sequence.safetensors holds embeddings with shape [], but the model needs [\(count), 0]")
    #expect(
      try message { writer, _ in writer["more"] = .float32(Tensor(zeros: [1])) }
        == "DIR/5-sequence.safetensors holds more, which the model does not use; is it for another model?")
    #expect(
      try message { writer, _ in
        var features = Pocket.rows(6, seed: 7)
        features.write { $0[9] = .infinity }
        writer["crayon_features"] = .float32(features)
      }
        == "DIR/5-sequence.safetensors holds a value in crayon_features (index 9) that is infinite or not a number"
    )
  }

  @Test(arguments: FusedSequence.fileNames)
  func noFile(name: String) throws {
    let message = try Self.message {
      try FileManager.default.removeItem(at: $0.url.appendingPathComponent(name))
    }
    #expect(message.hasPrefix("DIR/\(name) cannot be read: "))
  }
}
