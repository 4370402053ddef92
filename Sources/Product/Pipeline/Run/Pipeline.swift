public import CrayonCore
import CrayonPrompting
import Foundation
import Fusion
import Grounding
public import Imaging
import Language
import Layers
import Panoptic
import Tensors
import Vision

/// All stages of a pipeline: from a picture's file and a question to an answer.
///
/// ``look(at:options:isCancelled:began:)`` is the expensive half, once a picture; a ``Conversation`` is the cheap half,
/// once a question.
public struct Pipeline: Sendable {
  /// As its YAML file says.
  public let configuration: PipelineConfiguration
  let answering: AnsweringConfiguration
  let decoder: ImageDecoder
  /// nil where maps are always given.
  let segmenter: Segmenter?
  let prompting: Prompting
  let vision: VisionModel
  let fuser: Fuser
  let language: LanguageModel
  /// Changes with the language model's weights, without their being read; nil for files that are too new to be sure of.
  let languageIdentity: String?
  /// nil where the pipeline does not say where things are.
  let grounding: (any AnswerGrounding)?
  let cache: StageCache?

  /// Sees a picture: stages 1 to 4.
  /// - Parameters:
  ///   - file: the picture's bytes, with a name for messages
  ///   - options: what of the map the language model is shown, and a map in place of the segmenter's
  ///   - isCancelled: asked before each stage
  ///   - began: told of each stage that begins
  /// - Throws: the stages' errors, or ``PictureError``
  public func look(
    at file: ImageDecoder.Input, options: LookOptions = LookOptions(),
    isCancelled: () -> Bool = { false }, began: (StageTimings.Stage) -> Void = { _ in }
  ) throws -> SeenPicture {
    let segmenter = options.map.map(Segmenter.init) ?? segmenter
    guard segmenter != nil || !prompting.configuration.showsMap(listing: options.listing) else {
      throw PipelineError.noSegmenter(pipeline: configuration.name)
    }
    var timings = StageTimings()
    func stage<Result>(
      _ stage: StageTimings.Stage, _ work: () throws -> (Result, wasKnown: Bool)
    ) throws -> Result {
      if isCancelled() { throw PictureError.cancelled }
      began(stage)
      return try timings.measure(stage, work)
    }
    let picture = FileDigest.sha256(of: file.data)
    let image = try stage(.imaging) { (try decoder.run(file), false) }
    let map = try stage(.panoptic) {
      // A model that is told nothing of the map needs none.
      guard let segmenter else { return (try PanopticMap.empty(as: image), false) }
      return try kept("panoptic", [picture, segmenter.fingerprint]) { try segmenter.network().run(image) }
    }.dropping(options.dropped)
    let (crayon, features) = try stage(.crayonPrompt) { (try prompting.run(map, options), false) }
    let tokens = try stage(.vision) {
      try kept("vision", [picture, vision.fingerprint]) { try vision.encoder.run(image) }
    }
    let placeless = vision.connector.placeless(tokens.features)
    let placed = vision.connector.placed(placeless)
    let segmentTokens =
      fuser.template.showsObjects
      ? SegmentTokens(
        image: image, map: map, crayon: crayon, placeless: placeless, placed: placed, palette: vision.palette)
      : nil
    return SeenPicture(
      image: image, map: map, vocabulary: segmenter?.vocabulary, crayon: crayon, vision: tokens,
      imageTokens: placed, segmentTokens: segmentTokens, objects: segmentTokens?.listedObjects ?? [],
      crayonFeatures: features,
      // Of no use to a model that points at none, and a large one's take time.
      segments: grounding?.heads?.pointer == nil
        ? nil : try prompting.pointable(crayon, of: map, in: tokens.frame, options),
      canvas: OnDemand { [grounding] in try grounding?.canvas(of: image) },
      timings: timings)
  }

  private func kept<Value: Artifact>(
    _ stage: String, _ parts: [String], _ make: () throws -> Value
  ) rethrows -> (Value, wasKnown: Bool) {
    guard let cache else { return (try make(), false) }
    return try cache.value(stage, dependingOn: parts, make: make)
  }

  /// What the pipeline's own segmenter can name; COCO's 133 where it has none. What a picture's map could have named is
  /// ``SeenPicture/vocabulary``.
  public var categories: CategoryTable { segmenter?.vocabulary ?? .coco }

  /// Loads what is otherwise loaded when it is first needed: the segmenter's network, and what masks are drawn on.
  /// - Throws: the errors of a stage whose weights are bad
  public func load() throws {
    _ = try segmenter?.network()
    try grounding?.load()
  }

  /// Call when the last picture has been looked at: gives back what only seeing needs, which for a large pipeline is
  /// a fifth of its memory. A further picture, or a mask that has to be drawn, takes it again.
  public func forgetSegmenter() {
    segmenter?.giveBack()
    vision.rest()
  }

  /// Makes sure that the pipeline can say where things are.
  /// - Throws: ``PipelineError/cannotPoint(pipeline:)``
  public func requirePointing() throws {
    if grounding == nil { throw PipelineError.cannotPoint(pipeline: configuration.name) }
  }

  /// Memory that each position takes which the language model has read.
  public var bytesPerPosition: Int { language.decoder.bytesPerPosition }

  /// The most tokens of an answer, where the question does not say.
  public var answerLimit: Int { answering.language.limit }

  /// What the language model reads of regions, [positions, width] each: where it is; and behind that, where the model
  /// is shown objects, what the picture and the crayon say of the segment whose box fits best.
  /// - Throws: ``PipelineError/cannotPoint(pipeline:)`` where there are regions, but no heads;
  ///   ``PictureError/regionOutside(number:width:height:)``
  func regionEmbeddings(_ regions: [PictureBox], of picture: SeenPicture) throws -> [Tensor] {
    guard !regions.isEmpty else { return [] }
    guard let heads = grounding?.heads else { throw PipelineError.cannotPoint(pipeline: configuration.name) }
    let frame = picture.vision.frame
    let boxes = try regions.enumerated().map { index, region in
      guard let box = frame.clippedFrameBox(of: region) else {
        throw PictureError.regionOutside(number: index + 1, width: frame.width, height: frame.height)
      }
      return box
    }
    let embeddings = heads.embeddings(of: boxes)
    let segments = regions.map { picture.map.segment(at: $0) }
    var tokens: [Int32: Tensor] = [:]
    if let shown = picture.segmentTokens, let crayon = picture.crayonFeatures {
      tokens = shown.tokens(of: Set(segments.compactMap(\.self)), crayonFeatures: crayon)
    }
    return segments.enumerated().map { index, segment in
      let location = embeddings.rows(index..<index + 1)
      guard let token = segment.flatMap({ tokens[$0] }) else { return location }
      return Tensor(joining: [location, token], width: location.count)
    }
  }

  /// What the language model has read of pictures, in the cache.
  var readings: KeptReadings? {
    guard let cache, let model = languageIdentity else { return nil }
    return KeptReadings(cache: cache, model: model)
  }
}

/// Readings of one language model in a cache, of which each takes a quarter at most.
struct KeptReadings: ReadingStore {
  let cache: StageCache
  /// Changes with the model.
  let model: String

  func reading(dependingOn parts: [String]) -> KeyValueCache? {
    cache.value("reading", dependingOn: [model] + parts)
  }

  func keep(_ reading: KeyValueCache, dependingOn parts: [String]) {
    guard reading.byteCount <= cache.limit / 4 else { return }
    cache.keep(reading, "reading", dependingOn: [model] + parts)
  }
}

extension PanopticMap {
  /// A map without a segment.
  fileprivate static func empty(as image: RGBImage) throws -> PanopticMap {
    try PanopticMap(
      width: image.width, height: image.height,
      ids: Array(repeating: PanopticMap.void, count: image.width * image.height), labels: [:])
  }
}
