package import CrayonCore
package import Pipeline
package import Vocabulary

/// An answer as `crayon ask --json` prints it, and `crayon serve` sends it.
package struct AnswerReport: Sendable, Encodable {
  /// A segment of the map, with the number that the listing gives it.
  package struct Segment: Sendable, Encodable {
    var id: Int32
    var category: String
    var number: Int
    /// x0, y0, x1, y1 in pixels, right and bottom exclusive.
    var box: [Int]
  }

  /// A place that the answer points at.
  package struct Region: Sendable, Encodable {
    /// By which the answer speaks of it.
    var number: Int
    var phrase: String
    /// x0, y0, x1, y1 in pixels.
    var box: [Double]
    var score: Float?
    /// COCO's run-length encoding.
    package var mask: RunLengthMask?
    /// The map's segment that is meant.
    var segment: Int32?
    /// What decided on box and mask: the model's own heads; the answer's words; or the model's box, which overlaps this
    /// segment most.
    var via: CrayonCore.Region.Source
    /// Whether the answer's words can mean this segment.
    var agrees: Bool?
  }

  /// Which adapters worked, and how strongly.
  package struct Adapters: Sendable, Encodable {
    var image: Float
    var vl: Float

    package init(image: Float, vl: Float) {
      self.image = image
      self.vl = vl
    }
  }

  /// Without special tokens; `[1]` stands where it points at region 1.
  package var answer: String
  package var regions: [Region]
  var segments: [Segment]
  /// For a question for a number: what the map says to it. nil for other questions, and where the map does not determine it.
  var evidence: CountEvidence?
  /// Why the map does not determine the number that is asked for; nil where it can, and for other questions.
  var evidence_note: String?
  /// Nouns of the question that the segmenter has no category for.
  var unseen: [String]
  package var tokens: [Int]
  package var end: Reply.End
  /// By stage.
  var timings_ms: [String: Double]
  /// Stages whose result was known from before.
  var cached: [String]
  var pipeline: String
  var adapters: Adapters

  package init(_ answer: PictureAnswer, on picture: SeenPicture, by pipeline: Pipeline, options: AskOptions) {
    self.answer = answer.text
    regions = answer.regions.regions.map { region in
      let box = region.box
      return Region(
        number: region.number, phrase: region.phrase, box: box.edges,
        score: region.score, mask: region.mask,
        segment: region.segment, via: region.via, agrees: region.agrees)
    }
    switch CountEvidence.find(answer, on: picture) {
    case .counted(let counted): evidence = counted
    case .unknown(let obstacle): evidence_note = obstacle.description
    case nil: break
    }
    unseen = answer.unseenNouns
    let boxes = Dictionary(
      picture.map.segments.map { ($0.id, $0.box) }, uniquingKeysWith: { first, _ in first })
    segments = picture.crayon.objects.map { object in
      let box = boxes[object.id] ?? PixelBox(x0: 0, y0: 0, x1: 0, y1: 0)
      return Segment(
        id: object.id, category: object.category, number: object.number, box: box.edges)
    }
    tokens = answer.reply.tokens
    end = answer.reply.end
    let entries = answer.timings.entries
    timings_ms = Dictionary(
      entries.map { ($0.rawValue, ($1.milliseconds * 1000).rounded() / 1000) },
      uniquingKeysWith: { first, _ in first })
    cached = StageTimings.Stage.allCases.filter { entries[$0]?.wasKnown == true }.map(\.rawValue)
    self.pipeline = pipeline.configuration.name
    adapters = Adapters(image: options.imageGain, vl: options.visualLanguageGain)
  }

  private enum Key: String, CodingKey {
    case answer, regions, segments, evidence, evidence_note, unseen, tokens, end, timings_ms, cached, pipeline
    case adapters
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(answer, forKey: .answer)
    try container.encode(regions, forKey: .regions)
    try container.encode(segments, forKey: .segments)
    // Written even where it is null, so that a program need not ask whether the key is there.
    try container.encode(evidence, forKey: .evidence)
    try container.encode(evidence_note, forKey: .evidence_note)
    try container.encode(unseen, forKey: .unseen)
    try container.encode(tokens, forKey: .tokens)
    try container.encode(end, forKey: .end)
    try container.encode(timings_ms, forKey: .timings_ms)
    try container.encode(cached, forKey: .cached)
    try container.encode(pipeline, forKey: .pipeline)
    try container.encode(adapters, forKey: .adapters)
  }
}

extension PictureAnswer {
  /// What should be known beside the answer, in sentences.
  package var notes: [String] {
    unseenNouns.map { "the segmenter has no word for “\($0)”: what is said of it does not rest on the map" }
      + regions.notes.map(\.sentence)
  }
}

/// A second opinion on a count: what is counted on the map itself, without a model.
package struct CountEvidence: Sendable, Encodable, Equatable {
  /// What the question asks to count, by the names of the map's vocabulary.
  var category: [String]
  /// The segments counted.
  package var ids: [Int32]
  var number: Int
  /// Whether the model's number is the same.
  var agrees: Bool

  /// What a map says to a question for a number.
  package enum Finding: Equatable {
    case counted(CountEvidence)
    /// Why the map does not determine it.
    case unknown(CountingQuestion.Obstacle)
  }

  /// - Returns: nil where the question asks for no number, or nothing was segmented
  package static func find(_ answer: PictureAnswer, on picture: SeenPicture) -> Finding? {
    guard let vocabulary = picture.vocabulary,
      let question = CountingQuestion(parsing: answer.question, table: vocabulary)
    else { return nil }
    switch question.count(in: picture.map) {
    case .unknown(let obstacle): return .unknown(obstacle)
    case .segments(let counted):
      guard case .known(let categories) = question.subject else { return nil }
      return .counted(
        CountEvidence(
          category: categories.map { $0.name }, ids: counted.map { $0.id }, number: counted.count,
          agrees: AnswerText.number(in: answer.reply.text) == counted.count))
    }
  }
}
