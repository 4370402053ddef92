import CrayonCore
import Dispatch
import Drawing
import Foundation
import Imaging
import Panoptic
import Synchronization
import Tensors

/// Annotates pictures into a folder: several at a time, each written by itself, so that a run can be stopped
/// anywhere and goes on where it was.
public struct AnnotationRun: Sendable {
  /// How a folder is annotated.
  public struct Options: Sendable {
    /// Pictures at work at once. Each has the processors' number divided by this of threads.
    public var jobs: Int
    /// Whether maps are painted over pictures too.
    public var drawsOverlays: Bool
    /// Does everything again, also maps that a person has edited.
    public var overwrites: Bool
    /// Ends at the first picture that cannot be annotated.
    public var isStrict: Bool

    /// Memberwise.
    public init(jobs: Int, drawsOverlays: Bool, overwrites: Bool, isStrict: Bool) {
      self.jobs = jobs
      self.drawsOverlays = drawsOverlays
      self.overwrites = overwrites
      self.isStrict = isStrict
    }
  }

  /// What became of one picture.
  public enum Outcome: Sendable, Equatable {
    case annotated
    /// It had been annotated before, with the same bytes, weights and settings.
    case kept
    /// Its map has been edited since, and stays.
    case keptEdited
    case failed(reason: String)
  }

  /// What a run did.
  public struct Summary: Sendable, Equatable, Codable {
    /// Maps that were made.
    public var annotated = 0
    /// Maps that were there.
    public var kept = 0
    /// Maps that a person changed, which were left.
    public var edited = 0
    /// Pictures that could not be annotated, and whatever else was named and is none.
    public var failed = 0
    /// Files that are no pictures, and folders that were not searched.
    public var passedOver = 0
    /// Pictures that a stop left for the next run.
    public var left = 0
    /// Pictures in panoptic.json, with those of earlier runs.
    public var listed = 0
    /// On the wall.
    public var seconds = 0.0
    /// Of the processors' time, 0 to 1.
    public var utilisation = 0.0
  }

  /// What a run came to.
  public struct Result: Sendable {
    /// In figures.
    public var summary: Summary
    /// Results that cannot be in the dataset, but for those of pictures that have failed.
    public var unlisted: [AnnotationFailure]
  }

  private let source: MapSource
  private let folder: AnnotationFolder
  private let options: Options
  private let decoder = ImageDecoder()

  /// Memberwise.
  public init(source: MapSource, folder: AnnotationFolder, options: Options) {
    self.source = source
    self.folder = folder
    self.options = options
  }

  /// Does the pictures, then writes the list of failures and the dataset, also when it was stopped.
  /// - Parameters:
  ///   - found: with their places among the results (``AnnotationFolder/place(_:)``)
  ///   - isStopped: asked before each picture
  ///   - report: called behind each picture, by one thread at a time
  /// - Throws: ``AnnotationError`` or `AtomicFileError` where the results themselves cannot be written;
  ///   `CategoryTableError` where the maps' categories cannot be in one dataset with those that are there.
  public func callAsFunction(
    _ found: AnnotationInputs, isStopped: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (AnnotationInput, Outcome, Summary) -> Void
  ) throws -> Result {
    let began = ProcessClock.now
    let inputs = found.pictures
    let dataset = AnnotationDataset(folder: folder, categories: source.categories)
    // Before any work.
    _ = try dataset.vocabulary()
    let progress = Mutex<
      (summary: Summary, failed: [(input: AnnotationInput, reason: String)], tried: [String])
    >((Summary(), [], []))
    let next = Atomic<Int>(0)
    let hasFailed = Atomic<Bool>(false)
    let threads = max(1, Parallel.processors / options.jobs)
    DispatchQueue.concurrentPerform(iterations: min(options.jobs, max(inputs.count, 1))) { _ in
      Parallel.$threads.withValue(threads) {
        while !isStopped(), !(options.isStrict && hasFailed.load(ordering: .relaxed)) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < inputs.count else { return }
          let outcome = outcome(of: inputs[index])
          progress.withLock { progress in
            progress.summary.count(outcome)
            progress.tried.append(inputs[index].path)
            if case .failed(let reason) = outcome {
              hasFailed.store(true, ordering: .relaxed)
              progress.failed.append((inputs[index], reason))
            }
            report(inputs[index], outcome, progress.summary)
          }
        }
      }
    }
    var (summary, failed, tried) = progress.withLock { $0 }
    summary.left = inputs.count - summary.annotated - summary.kept - summary.edited - summary.failed
    let failures = failed.map { $0.input.failure($0.reason) } + found.failures
    summary.failed += found.failures.count
    summary.passedOver = found.passedOver.count
    tried += found.settled
    try AnnotationFailure.write(failures, tried: tried, to: folder)
    let written = try dataset.write()
    summary.listed = written.listed
    // A picture and its record are one failure.
    let known = Set(failed.map { FileKey(folder.recordFile(of: $0.input.file).standardizedFileURL.path) })
    let unlisted = written.failures.filter { !known.contains(FileKey($0.path)) }
    if !unlisted.isEmpty {
      summary.failed += unlisted.count
      try AnnotationFailure.write(failures + unlisted, tried: tried, to: folder)
    }
    summary.seconds = began.seconds
    summary.utilisation = began.utilisation(of: Parallel.processors)
    return Result(summary: summary, unlisted: unlisted)
  }

  private func outcome(of input: AnnotationInput) -> Outcome {
    do {
      return try annotate(input)
    } catch {
      return .failed(reason: "\(error)")
    }
  }

  private func annotate(_ input: AnnotationInput) throws -> Outcome {
    let file = try ImageDecoder.Input(file: input.url)
    let digest = AnnotationFolder.digest(file.data)
    let place = folder.map(of: input.file)
    let record = try folder.record(of: input.file)
    let existing = AnnotationFolder.digest(of: place)
    let isOurs =
      existing == nil
      || (record != nil && record?.edited != true && [record?.map, record?.replaced].contains(existing))
    if !isOurs && !options.overwrites {
      try keepEdited(input, record: record, picture: digest, file: file)
      return .keptEdited
    }
    let (segmenter, fingerprint) = try source.segmenter(for: input)
    if var record, !options.overwrites, existing == record.map, record.picture == digest,
      record.segmenter == fingerprint
    {
      if record.path != input.path {
        record.path = input.path
        try folder.write(record)
      }
      try drawMissingOverlay(input, record: record, file: file)
      return .kept
    }
    let picture = try decoder.run(file)
    let map = try segmenter.run(picture)
    let png = try map.encodedPNG(name: place.path)
    // The record comes first: a run that ends here finds no map, or the one that it was to replace.
    try folder.write(
      AnnotationRecord(
        name: input.listedName, file: input.file, path: input.path, picture: digest, segmenter: fingerprint,
        map: AnnotationFolder.digest(png), replaced: existing, width: map.width, height: map.height,
        categories: source.recorded(map, of: segmenter), segments_info: map.segmentsInfo))
    if options.drawsOverlays { try draw(picture, map, for: input) }
    try folder.write(png, to: place)
    guard AnnotationFolder.digest(of: place) == AnnotationFolder.digest(png) else {
      throw COCOPanopticError.changedWhenWritten(map: place.path)
    }
    return .annotated
  }

  /// Lists an edited map as it is now, so that the dataset agrees with it. The record keeps the digest of the
  /// map that crayon made, by which the edit is known the next time too.
  private func keepEdited(
    _ input: AnnotationInput, record: AnnotationRecord?, picture: String, file: ImageDecoder.Input
  ) throws {
    let url = folder.map(of: input.file)
    func refused(_ reason: String) -> AnnotationError { .editedMapDoesNotFit(map: url.path, reason: reason) }
    guard var record else {
      // Not ours at all, and nothing says what its segments are.
      throw refused("crayon did not make it and knows none of its segments")
    }
    guard record.picture == picture else {
      throw refused("its picture has changed since; --overwrite makes a new map of the picture as it is now")
    }
    let edited: PanopticMap
    do {
      edited = try PanopticMap(
        editedPNG: url, segments: record.segments_info, categories: try record.table())
    } catch {
      throw refused("\(error)")
    }
    try record.requireSize(of: edited, at: url.path)
    if record.segments_info != edited.segmentsInfo || record.path != input.path {
      record.segments_info = edited.segmentsInfo
      record.path = input.path
      try folder.write(record)
    }
    guard options.drawsOverlays else { return }
    try draw(try decoder.run(file), edited, for: input)
  }

  private func drawMissingOverlay(
    _ input: AnnotationInput, record: AnnotationRecord, file: ImageDecoder.Input
  ) throws {
    guard options.drawsOverlays,
      !FileManager.default.fileExists(atPath: folder.overlay(of: input.file).path)
    else { return }
    let annotation = COCOPanoptic.Annotation(
      image_id: .name(record.name), file_name: "", segments_info: record.segments_info)
    let map = try PanopticMap(png: folder.map(of: input.file), annotation, categories: try record.table())
    try draw(try decoder.run(file), map, for: input)
  }

  private func draw(_ picture: RGBImage, _ map: PanopticMap, for input: AnnotationInput) throws {
    let overlay = try PanopticOverlay(picture, map)
    try folder.write(try overlay.image.encodedPNG(), to: folder.overlay(of: input.file))
  }
}

extension MapSource {
  /// The categories that go into a map's record, so that its ids keep their meaning: those in use, and where each map
  /// has a vocabulary of its own, all of that.
  fileprivate func recorded(
    _ map: PanopticMap, of segmenter: any PanopticSegmenter
  ) -> [COCOPanoptic.Entry] {
    let all = categories.categories.isEmpty ? segmenter.categories.categories : []
    let used = Set(map.segments.map(\.category)).subtracting(all)
    return (all + used.sorted { $0.id < $1.id }).map(COCOPanoptic.Entry.init)
  }
}

extension AnnotationRun.Summary {
  fileprivate mutating func count(_ outcome: AnnotationRun.Outcome) {
    switch outcome {
    case .annotated: annotated += 1
    case .kept: kept += 1
    case .keptEdited: edited += 1
    case .failed: failed += 1
    }
  }
}
