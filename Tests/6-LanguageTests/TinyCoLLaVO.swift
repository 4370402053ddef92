import Checkpoints
import CrayonCore
import Foundation
import Language
import Tensors
import TestSupport
import Tokenizers

/// The tiny CoLLaVO's decoder, and the sequences that go into it.
struct TinyCoLLaVO {
  let decoder: Decoder
  private let expected: Checkpoint

  init() throws {
    decoder = try Decoder(
      collavo: CoLLaVO.file("config.json"), WeightReader(try Checkpoint(folder: CoLLaVO.folder)))
    expected = try Checkpoint(file: CoLLaVO.file("expected.safetensors"))
  }

  func tensor(_ name: String) throws -> Tensor { try expected.tensor(name) }

  /// Tokens, a picture in the place of the first nil and all that follow it, tokens.
  func sequence(_ tokens: [Int?], image: Tensor, crayon: Tensor?) throws -> FusedSequence {
    let before = tokens.prefix { $0 != nil }.compactMap { $0 }
    let after = tokens.dropFirst(before.count).drop { $0 == nil }.compactMap { $0 }
    let width = decoder.configuration.width
    let values =
      try decoder.embeddings(of: before).values + image.values + decoder.embeddings(of: after).values
    let imageEnd = before.count + image.shape[0]
    let count = imageEnd + after.count
    let all: [Int?] = before.map { $0 } + Array(repeating: nil, count: image.shape[0]) + after.map { $0 }
    return FusedSequence(
      embeddings: Tensor(values, shape: [count, width]), tokens: all,
      spans: [
        .init(.template, 0..<before.count), .init(.image, before.count..<imageEnd),
        .init(.question, imageEnd..<count),
      ],
      crayonFeatures: crayon)
  }

  /// What the authors' layers are given in a case.
  func sequence(_ expected: CoLLaVO.Case) throws -> FusedSequence {
    try sequence(expected.sequence(), image: tensor("image"), crayon: tensor("crayon.\(expected.map)"))
  }

  func model() throws -> LanguageModel {
    try LanguageModel(
      decoder, tokenizer: SentencePieceBPE(model: CoLLaVO.file("tokenizer.model")), template: .internLM2,
      name: "tiny")
  }
}

extension DecoderConditions {
  init(_ sequence: FusedSequence, _ adapters: AdapterGains) {
    self.init(adapters: adapters, imageSpan: sequence.imageSpan, crayonFeatures: sequence.crayonFeatures)
  }
}
