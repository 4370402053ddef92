import CrayonCore
import Fusion
public import Imaging
import Language
import Tensors

/// Compares two variants of a pipeline, such as one in 16 bits and one in 4.
///
/// Each stage of the variant is given what the stage before it makes in the reference, so that a row of the table is
/// that stage's own doing. The language models read the reference's sequence and the reference's answer.
public struct Drift: Sendable {
  private let reference: Pipeline
  private let variant: Pipeline

  /// - Throws: ``PipelineError/notVariants(_:_:)`` where the two do not read the same sequence
  public init(reference: Pipeline, variant: Pipeline) throws {
    let (a, b) = (reference.language.model.decoder, variant.language.model.decoder)
    guard a.width == b.width, a.configuration.vocabulary == b.configuration.vocabulary,
      reference.fuser.template == variant.fuser.template,
      reference.prompting.configuration.grid == variant.prompting.configuration.grid
    else {
      throw PipelineError.notVariants(reference.configuration.name, variant.configuration.name)
    }
    self.reference = reference
    self.variant = variant
  }

  /// Adds what a picture and a question show.
  /// - Parameter limit: tokens of the answer
  /// - Throws: the stages' errors, or ``PictureError``
  public func measure(
    _ file: ImageDecoder.Input, question: String, limit: Int, isCancelled: @escaping () -> Bool = { false },
    into table: inout DriftTable
  ) throws {
    let seen = try reference.look(at: file, isCancelled: isCancelled)
    if let (mine, theirs) = reference.segmenter.flatMap({ a in variant.segmenter.map { (a, $0) } }) {
      // Two that are the same need not run.
      let map = mine.fingerprint == theirs.fingerprint ? seen.map : try theirs.segmenter.run(seen.image)
      table.add([seen.map.categoryAgreement(with: map)], to: .panopticPixels)
    }
    if let features = seen.crayonFeatures,
      let others = try variant.prompting.run(seen.map, LookOptions()).1
    {
      table.add(Similarity.cosines(features, others), to: .crayonFeatures)
    }
    if isCancelled() { throw PictureError.cancelled }
    let vision =
      reference.vision.fingerprint == variant.vision.fingerprint
      ? seen.vision : try variant.vision.encoder.run(seen.image)
    table.add(Similarity.cosines(seen.vision.features, vision.features), to: .visionTokens)
    table.add(
      Similarity.cosines(seen.imageTokens, variant.vision.connector(seen.vision.features)), to: .imageTokens)

    var conversation = Conversation(reference, on: seen)
    let options = AskOptions(answer: AnswerOptions(limit: limit), boxes: .heads)
    let answer = try conversation.ask(question, options: options, isCancelled: isCancelled)
    if isCancelled() { throw PictureError.cancelled }
    try compareLanguage(answer, seen, into: &table)
  }

  private func compareLanguage(
    _ answer: PictureAnswer, _ seen: SeenPicture, into table: inout DriftTable
  ) throws {
    let length = answer.sequence.count
    let first = try hiddenStates(answer, seen, of: reference)
    let second = try hiddenStates(answer, seen, of: variant)
    table.add(Similarity.cosines(first, second), to: .hiddenStates)
    let written = max(length - 1, 0)..<first.shape[0]
    let logits = reference.language.model.decoder.logits(first.rows(written))
    let others = variant.language.model.decoder.logits(second.rows(written))
    table.add(Similarity.divergences(logits, from: others), to: .logits)
    table.add(Similarity.agreements(logits, others), to: .nextToken)

    guard let grounding = variant.grounding, !answer.reply.triggers.isEmpty else { return }
    var reply = answer.reply
    for index in reply.triggers.indices {
      let row = length + reply.triggers[index].position
      guard row < second.shape[0] else { return }
      reply.triggers[index].state = second.rows(row..<row + 1).values
    }
    let regions = try grounding.regions(
      of: reply, on: seen, boxes: .heads, vocabulary: seen.vocabulary ?? .coco
    ).regions
    for region in answer.regions.regions {
      let other = regions.first { $0.trigger == region.trigger }
      table.add([other.map { region.box.intersectionOverUnion($0.box) } ?? 0], to: .boxes)
      if let mask = region.mask {
        table.add([other?.mask.map { mask.intersectionOverUnion($0) } ?? 0], to: .masks)
      }
    }
  }

  /// Behind the last norm, at each position of the sequence and of the answer, [rows, width]. Where the answer points,
  /// both models read the reference's locations.
  private func hiddenStates(
    _ answer: PictureAnswer, _ seen: SeenPicture, of pipeline: Pipeline
  ) throws -> Tensor {
    let decoder = pipeline.language.model.decoder
    let sequence = answer.sequence
    let said = try decoder.embeddings(of: answer.reply.tokens)
    let rows = sequence.count + answer.reply.tokens.count
    let input = Tensor(shape: [rows, decoder.width]) { out in
      sequence.embeddings.read { out.update(from: $0, count: sequence.embeddings.count) }
      let start = out + sequence.embeddings.count
      said.read { start.update(from: $0, count: said.count) }
      guard let heads = reference.grounding?.heads else { return }
      for pointed in answer.reply.triggers where pointed.position + 1 < answer.reply.tokens.count {
        heads.locations(of: Tensor(pointed.state, shape: [1, decoder.width])).read {
          (start + (pointed.position + 1) * decoder.width).update(from: $0, count: decoder.width)
        }
      }
    }
    var cache = KeyValueCache(for: decoder.configuration)
    return try decoder.run(
      input, cache: &cache,
      conditions: DecoderConditions(
        adapters: try pipeline.language.gains(AskOptions(), showsCrayon: seen.crayonFeatures != nil),
        imageSpan: sequence.imageSpan, crayonFeatures: sequence.crayonFeatures),
      hiddenStatesAt: Array(0..<rows))
  }
}
