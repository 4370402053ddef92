public import CrayonCore
import Dispatch
import Foundation
public import Scenes
import Synchronization

/// A run that makes pictures or layouts with their maps and questions, on several threads. Files depend on the
/// plan only; a run that is stopped goes on where it was when it is started again.
public struct Synthesis: Sendable {
  /// What a seed gives.
  public struct Picture: Sendable {
    /// nil for layouts.
    public var image: RGBImage?
    /// Exact, or drawn.
    public var map: PanopticMap
    /// By segment id, where they are known.
    public var attributes: [Int32: SegmentAttributes]

    /// Memberwise.
    public init(image: RGBImage? = nil, map: PanopticMap, attributes: [Int32: SegmentAttributes] = [:]) {
      self.image = image
      self.map = map
      self.attributes = attributes
    }
  }

  /// How far a run has come.
  public struct Summary: Sendable, Equatable, Encodable {
    /// Pictures made now.
    public var made = 0
    /// Pictures of an earlier run.
    public var kept = 0
    /// Pictures that a run that was stopped has not made.
    public var left = 0
  }

  private let plan: SynthesisPlan
  private let folder: SynthesisFolder
  private let categories: CategoryTable
  private let picture: @Sendable (UInt64) throws -> Picture

  /// Pictures that are noted down together.
  private static let partSize = 50

  /// - Parameters:
  ///   - plan: what is made
  ///   - folder: opened for the same plan
  ///   - categories: those of the maps, which the dataset lists and the questions ask about
  ///   - picture: makes what belongs to a seed
  public init(
    _ plan: SynthesisPlan, into folder: SynthesisFolder, categories: CategoryTable = .coco,
    picture: @escaping @Sendable (UInt64) throws -> Picture
  ) {
    self.plan = plan
    self.folder = folder
    self.categories = categories
    self.picture = picture
  }

  /// Makes what is not there yet.
  /// - Parameters:
  ///   - jobs: threads
  ///   - isStopped: asked between pictures
  ///   - report: called after each picture, one call at a time
  /// - Throws: what making or writing a picture throws
  public func run(
    jobs: Int, isStopped: @Sendable () -> Bool = { false }, report: @Sendable (Summary) -> Void = { _ in }
  ) throws -> Summary {
    if folder.isFinished { return Summary(kept: plan.count) }
    let parts = (plan.count + Self.partSize - 1) / Self.partSize
    let next = Atomic<Int>(0)
    let hasFailed = Atomic<Bool>(false)
    let progress = Mutex<(summary: Summary, error: (any Error)?)>((Summary(), nil))
    DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, parts))) { _ in
      while !hasFailed.load(ordering: .relaxed) {
        let part = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard part < parts, !isStopped() else { return }
        do {
          try make(part: part, isStopped: isStopped) { made, kept in
            progress.withLock { progress in
              progress.summary.made += made
              progress.summary.kept += kept
              report(progress.summary)
            }
          }
        } catch {
          hasFailed.store(true, ordering: .relaxed)
          progress.withLock { $0.error = $0.error ?? error }
        }
      }
    }
    var (summary, error) = progress.withLock { $0 }
    if let error { throw error }
    summary.left = plan.count - summary.made - summary.kept
    if summary.left == 0 { try folder.finish(parts: parts, categories: categories) }
    return summary
  }

  private func make(
    part: Int, isStopped: () -> Bool, count: (_ made: Int, _ kept: Int) -> Void
  ) throws {
    let indices = part * Self.partSize..<min((part + 1) * Self.partSize, plan.count)
    if folder.hasPart(part) { return count(0, indices.count) }
    var lines: [SynthesisFolder.Listing: Data] = [:]
    for index in indices {
      if isStopped() { return }
      for (listing, line) in try make(plan.seed + UInt64(index)) {
        lines[listing, default: Data()] += line + Data("\n".utf8)
      }
      // The last one counts when the part is written down.
      if index < indices.upperBound - 1 { count(1, 0) }
    }
    try folder.writePart(part, lines)
    count(1, 0)
  }

  /// Writes a picture's files, and returns its lines.
  private func make(_ seed: UInt64) throws -> [SynthesisFolder.Listing: Data] {
    let made = try picture(seed)
    let (image, map) = (SynthesisFolder.image(of: seed), SynthesisFolder.map(of: seed))
    if let picture = made.image { try folder.write(try picture.encodedPNG(), to: image) }
    try folder.write(try made.map.encodedPNG(name: map), to: map)
    let questions = QuestionGenerator(categories: categories).questions(
      about: made.map, attributes: made.attributes, count: plan.questions, seed: seed)
    let record = QuestionRecord(
      id: Int(seed), image: made.image == nil ? nil : image, map: map, of: made.map,
      attributes: made.attributes, questions: questions)
    let name = SynthesisFolder.name(of: seed)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [
      .images: try encoder.encode(
        COCOPanoptic.Image(
          id: .number(Int(seed)), file_name: name, width: made.map.width, height: made.map.height)),
      .annotations: try encoder.encode(
        COCOPanoptic.Annotation(
          image_id: .number(Int(seed)), file_name: name, segments_info: made.map.segmentsInfo)),
      .questions: try encoder.encode(record),
    ]
  }
}
