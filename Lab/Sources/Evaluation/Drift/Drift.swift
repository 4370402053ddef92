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
  /// - Parameters:
  ///   - file: the picture
  ///   - question: the reference answers it
  ///   - limit: tokens of the answer
  ///   - isCancelled: asked between stages and after every token; true ends it with `PictureError.cancelled`
  ///   - table: where the figures are added
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

/// How far one variant of a pipeline is from another, stage by stage.
public struct DriftTable: Sendable, Equatable, Encodable {
  /// What is compared, and by what.
  public enum Measure: String, Sendable, CaseIterable, Encodable {
    case panopticPixels = "panoptic: pixels of one category"
    case crayonFeatures = "crayon: cosine of features"
    case visionTokens = "vision: cosine of hidden states"
    case imageTokens = "vision: cosine behind the connector"
    case hiddenStates = "language: cosine of hidden states"
    case logits = "language: KL of logits (nats)"
    case nextToken = "language: same likeliest token"
    case boxes = "grounding: IoU of boxes"
    case masks = "grounding: IoU of masks"

    /// Of a divergence more is worse, of all else less.
    var lessIsWorse: Bool { self != .logits }
  }

  /// What one measure says of all that was compared by it.
  public struct Row: Sendable, Equatable, Encodable {
    /// What was compared, and by what.
    public let measure: Measure
    /// Over all rows.
    public let mean: Double
    /// Of cosines, parts and IoUs the least, of divergences the largest.
    public let worst: Double
    /// Rows, tokens, boxes or pictures that were compared.
    public let count: Int
  }

  private var sums: [Measure: (sum: Double, worst: Double, count: Int)] = [:]

  /// Nothing compared yet.
  public init() {}

  /// In the order of the stages; what was nowhere to compare is left out.
  public var rows: [Row] {
    Measure.allCases.compactMap { measure in
      sums[measure].map {
        Row(measure: measure, mean: $0.sum / Double($0.count), worst: $0.worst, count: $0.count)
      }
    }
  }

  mutating func add(_ values: [Double], to measure: Measure) {
    for value in values {
      let old = sums[measure] ?? (0, value, 0)
      let worst = measure.lessIsWorse ? min(old.worst, value) : max(old.worst, value)
      sums[measure] = (old.sum + value, worst, old.count + 1)
    }
  }

  public static func == (a: DriftTable, b: DriftTable) -> Bool { a.rows == b.rows }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rows)
  }
}
