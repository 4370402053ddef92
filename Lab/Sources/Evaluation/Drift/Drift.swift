import CrayonCore
public import Imaging
import Language
public import Pipeline
import Tensors

/// Compares two variants of a pipeline, such as one in 16 bits and one in 4.
///
/// Each stage of the variant is given what the stage before it makes in the reference, so that a row of the table is
/// that stage's own doing. The language models read the reference's sequence and the reference's answer.
public struct Drift: Sendable {
  private let reference: Pipeline
  private let variant: Pipeline

  /// - Throws: `PipelineError.notVariants` where the two do not read the same sequence
  public init(reference: Pipeline, variant: Pipeline) throws {
    guard reference.readsSameSequences(as: variant) else {
      throw PipelineError.notVariants(reference.configuration.name, variant.configuration.name)
    }
    self.reference = reference
    self.variant = variant
  }

  /// Adds what a picture and a question show.
  /// - Parameter limit: tokens of the answer
  /// - Throws: the stages' errors, or `PictureError`
  public func measure(
    _ file: ImageDecoder.Input, question: String, limit: Int, isCancelled: @escaping () -> Bool = { false },
    into table: inout DriftTable
  ) throws {
    let seen = try reference.look(at: file, isCancelled: isCancelled)
    if let mine = reference.segmenterFingerprint, let theirs = variant.segmenterFingerprint,
      // Two that are the same need not run.
      let map = mine == theirs ? seen.map : try variant.panopticMap(of: seen.image)
    {
      table.add([seen.map.categoryAgreement(with: map)], to: .panopticPixels)
    }
    if let features = seen.crayonFeatures, let others = try variant.crayonFeatures(of: seen.map) {
      table.add(Similarity.cosines(features, others), to: .crayonFeatures)
    }
    if isCancelled() { throw PictureError.cancelled }
    let vision =
      reference.visionFingerprint == variant.visionFingerprint
      ? seen.vision : try variant.visionTokens(of: seen.image)
    table.add(Similarity.cosines(seen.vision.features, vision.features), to: .visionTokens)
    table.add(
      Similarity.cosines(seen.imageTokens, variant.imageTokens(of: seen.vision.features)), to: .imageTokens)

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
    let first = try reference.hiddenStates(of: answer, on: seen, pointing: reference)
    let second = try variant.hiddenStates(of: answer, on: seen, pointing: reference)
    table.add(Similarity.cosines(first, second), to: .hiddenStates)
    let written = max(length - 1, 0)..<first.shape[0]
    let logits = reference.logits(of: first.rows(written))
    let others = variant.logits(of: second.rows(written))
    table.add(Similarity.divergences(logits, from: others), to: .logits)
    table.add(Similarity.agreements(logits, others), to: .nextToken)

    guard !answer.reply.triggers.isEmpty else { return }
    var reply = answer.reply
    for index in reply.triggers.indices {
      let row = length + reply.triggers[index].position
      guard row < second.shape[0] else { return }
      reply.triggers[index].state = second.rows(row..<row + 1).values
    }
    guard let regions = try variant.decodedRegions(of: reply, on: seen)?.regions else { return }
    for region in answer.regions.regions {
      let other = regions.first { $0.trigger == region.trigger }
      table.add([other.map { region.box.intersectionOverUnion($0.box) } ?? 0], to: .boxes)
      if let mask = region.mask {
        table.add([other?.mask.map { mask.intersectionOverUnion($0) } ?? 0], to: .masks)
      }
    }
  }
}
