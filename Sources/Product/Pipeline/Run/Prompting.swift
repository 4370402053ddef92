import CrayonCore
import CrayonPrompting
import Grounding
import Language
import Tensors

/// Stage 3 of a pipeline: what the language model is shown of a map, and what of it that can point at.
struct Prompting: Sendable {
  let configuration: CrayonConfiguration
  /// nil where the model is given the map in words alone.
  let embedder: CrayonEmbedder?
  /// Of the language model's context.
  let positions: Int

  /// What the language model is shown of a map: the prompt, and its features where they are wanted.
  /// - Throws: `LanguageError` for a listing that no context has room for, or `CrayonPromptingError`
  func run(_ map: PanopticMap, _ options: LookOptions) throws -> (CrayonPrompt, Tensor?) {
    let listing = options.crayon == .off ? .none : options.listing ?? configuration.listing
    let prompt = CrayonPrompter(
      grid: configuration.grid, listing: listing, membership: configuration.membership
    ).run(map)
    // Each entry of a listing takes more than one position.
    guard prompt.listing.isEmpty || prompt.objects.count <= positions else {
      throw LanguageError.tooLong(
        needed: prompt.objects.count, limit: positions, part: FusedSequence.Kind.listing.inWords,
        share: prompt.objects.count)
    }
    return (prompt, try channels(options).flatMap { try embedder?.features(of: prompt, channels: $0) })
  }

  /// What of a map the language model can point at; nil where it is not shown the map.
  /// - Parameter frame: in which it sees the picture
  func pointable(
    _ prompt: CrayonPrompt, of map: PanopticMap, in frame: PictureFrame, _ options: LookOptions
  ) throws -> PointableSegments? {
    guard let embedder, let channels = channels(options) else { return nil }
    let boxes = Dictionary(
      map.segments.map { ($0.id, PictureBox($0.box)) }, uniquingKeysWith: { first, _ in first })
    let found = prompt.objects.compactMap { object in
      boxes[object.id].flatMap { frame.clippedFrameBox(of: $0) }.map { (object, $0) }
    }
    guard !found.isEmpty else { return nil }
    return PointableSegments(
      ids: found.map(\.0.id), boxes: found.map(\.1),
      features: try embedder.features(of: found.map(\.0), channels: channels))
  }

  /// nil where the language model is not shown the map.
  private func channels(_ options: LookOptions) -> CrayonEmbedder.Channels? {
    switch options.crayon {
    case .off: nil
    case .semantic: .semantic
    case .on: .semanticAndNumbering
    }
  }
}
