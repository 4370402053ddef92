import CrayonCore
public import Fusion
import Language
import Tensors
import Vocabulary

/// Questions on one picture. The picture is seen once, and what the language model has read of it is kept.
public struct Conversation: Sendable {
  private let pipeline: Pipeline
  /// What the questions are on.
  public let picture: SeenPicture
  private var session: LanguageSession
  private var history: [FusionInput.Turn] = []
  private var hasAsked: Bool

  /// - Parameters:
  ///   - pipeline: that answers
  ///   - picture: as that pipeline has seen it
  ///   - isKnown: the picture was seen for an earlier question: this one does not pay for it
  ///   - keepsReading: whether what the language model reads of the picture goes into the pipeline's cache, where a
  ///     later run finds it: some megabytes for a small model
  public init(
    _ pipeline: Pipeline, on picture: SeenPicture, isKnown: Bool = false, keepsReading: Bool = false
  ) {
    self.pipeline = pipeline
    self.picture = picture
    hasAsked = isKnown
    session = LanguageSession(
      pipeline.language, stopTokens: pipeline.fuser.template.stopTokens,
      readings: keepsReading ? pipeline.readings : nil)
  }

  /// Forgets earlier questions; the picture stays seen.
  public mutating func reset() { history = [] }

  /// Puts turns in the place of the earlier questions; what of them has been read already is not read again.
  public mutating func resume(after turns: [FusionInput.Turn]) { history = turns }

  /// Answers: stages 5 to 7.
  /// - Parameters:
  ///   - question: in words; may speak of the regions of `options` as `[1]`, `[2]`, …
  ///   - options: adapters' gains, regions that the question speaks of, and how the answer is written
  ///   - isCancelled: asked before each stage and after every token
  ///   - heard: called with every piece of text as it is made
  /// - Throws: the stages' errors, ``PipelineError`` or ``PictureError``
  public mutating func ask(
    _ question: String, options: AskOptions = AskOptions(), isCancelled: @escaping () -> Bool = { false },
    heard: (String) -> Void = { _ in }
  ) throws -> PictureAnswer {
    if isCancelled() { throw PictureError.cancelled }
    if options.regions.isEmpty, let number = Self.regionMentioned(in: question) {
      throw FusionError.noSuchRegion(number: number, given: 0)
    }
    var timings = StageTimings()
    let showsMap = picture.crayonFeatures != nil
    let remembered = pipeline.answering.language.turns == .conversation ? history : []
    let sequence = try timings.measure(.fusion) {
      try fused(question, crayon: picture.crayonFeatures, history: remembered, regions: options.regions)
    }
    let gains = try pipeline.adapterGains(options, showsCrayon: showsMap)
    let reply = try timings.measure(.language) {
      try session.reply(
        to: sequence, adapters: gains, options: options.answer,
        trigger: pipeline.grounding?.trigger(on: picture), isCancelled: isCancelled, heard: heard)
    }
    let regions = try timings.measure(.grounding) {
      // Who is not shown the map cannot mean its segments.
      try pipeline.grounding?.regions(
        of: reply, on: picture, boxes: showsMap ? options.boxes : .heads,
        vocabulary: picture.vocabulary ?? .coco)
        ?? Regions(width: picture.image.width, height: picture.image.height, regions: [])
    }
    history.append(FusionInput.Turn(question: question, answer: reply.text))
    let before = hasAsked ? picture.timings.known : picture.timings
    hasAsked = true
    return PictureAnswer(
      question: question, sequence: sequence, reply: reply, regions: regions,
      unseenNouns: picture.vocabulary?.unseenNouns(in: question) ?? [],
      timings: before.replacing(with: timings))
  }

  /// The first of `[1]`, `[2]`, … in a question; "[2024]" is text, as where there are regions.
  private static func regionMentioned(in question: String) -> Int? {
    question.firstMatch(of: /\[([0-9]{1,3})\]/).flatMap { Int($0.1) }
  }

  /// How much the crayon path writes into each layer of the language model while it reads a question's sequence.
  /// - Throws: the stages' errors
  public func crayonInfluence(_ answer: PictureAnswer, options: AskOptions = AskOptions()) throws -> [Double] {
    guard picture.crayonFeatures != nil else { return [] }
    func sequence(crayon: Tensor?) throws -> FusedSequence {
      try fused(answer.question, crayon: crayon, regions: options.regions)
    }
    return try pipeline.language.decoder.crayonInfluence(
      try sequence(crayon: picture.crayonFeatures), without: try sequence(crayon: nil),
      adapters: try pipeline.adapterGains(options, showsCrayon: true))
  }

  /// Stage 5 for a question on the picture.
  private func fused(
    _ question: String, crayon: Tensor?, history: [FusionInput.Turn] = [], regions: [PictureBox]
  ) throws -> FusedSequence {
    let sequence = try pipeline.fuser.run(
      FusionInput(
        question: question, listing: picture.crayon.listing, objects: picture.objects,
        image: picture.imageTokens, crayon: crayon, history: history,
        regions: try pipeline.regionEmbeddings(regions, of: picture)))
    let limit = pipeline.language.decoder.configuration.contextLength
    guard sequence.count > limit else { return sequence }
    let parts = Dictionary(grouping: sequence.spans, by: \.kind.inWords).mapValues { spans in
      spans.reduce(0) { $0 + $1.range.count }
    }
    let longest = parts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    throw LanguageError.tooLong(
      needed: sequence.count, limit: limit, part: longest?.key ?? "", share: longest?.value ?? 0)
  }
}

/// The adapters of Dual QLoRA (CoLLaVO, arXiv 2402.11248, section 3), which a request switches, and the one by which layers
/// take in crayon features.
enum AdapterNames {
  static let image = "image"
  static let visualLanguage = "vl"
  static let crayon = "crayon"
}

extension Pipeline {
  /// How much each adapter adds: those that a request switches by its gain, all others wholly.
  /// - Throws: ``PipelineError/noSuchAdapter(pipeline:name:known:)`` for a gain that is not 1 of an adapter that is
  ///   not there
  func adapterGains(_ options: AskOptions, showsCrayon: Bool) throws -> AdapterGains {
    let known = language.decoder.adapterNames
    var gains = Dictionary(known.map { ($0, Float(1)) }, uniquingKeysWith: { first, _ in first })
    let asked = [
      (AdapterNames.image, options.imageGain), (AdapterNames.visualLanguage, options.visualLanguageGain),
    ]
    for (name, gain) in asked where gain != 1 {
      guard gains[name] != nil else {
        throw PipelineError.noSuchAdapter(pipeline: configuration.name, name: name, known: known)
      }
      gains[name] = gain
    }
    if answering.language.together == .mean, asked.allSatisfy({ (gains[$0.0] ?? 0) != 0 }) {
      for (name, _) in asked { gains[name]? /= 2 }
    }
    if !showsCrayon { gains[AdapterNames.crayon] = nil }
    return AdapterGains(gains)
  }
}
