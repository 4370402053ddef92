import Annotation
import CrayonCore
import Foundation
import Pipeline
import Synchronization

/// An annotated folder that is browsed and corrected. Its pictures are known by ids; no request names a file.
actor Gallery {
  struct Entry: Encodable, Sendable {
    var id: String
    var name: String
    var width: Int
    var height: Int
    var counts: [String: Int]
    var edited: Bool

    init(_ picture: AnnotatedPicture) {
      id = String(FileDigest.sha256(of: Data(picture.file.utf8)).prefix(16))
      (name, width, height) = (picture.name, picture.width, picture.height)
      (counts, edited) = (picture.counts, picture.isEdited)
    }
  }

  /// Which pictures are wanted.
  struct Filter: Sendable {
    var category: String?
    var least = 1
    var most = Int.max
    var text: String?
    var edited: Bool?

    func takes(_ entry: Entry) -> Bool {
      if let edited, entry.edited != edited { return false }
      if let text, !entry.name.localizedCaseInsensitiveContains(text) { return false }
      guard let category else { return true }
      return (least...max(least, most)).contains(entry.counts[category] ?? 0)
    }
  }

  private let thread = WorkThread("crayon-gallery")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  nonisolated let name: String
  nonisolated let thumbnails: Thumbnails
  private let folder: AnnotationFolder
  private let metrics: Metrics
  private let log: @Sendable (String) -> Void
  /// In the order of the names.
  private var entries: [Entry] = []
  private var files: [String: String] = [:]
  private var places: [String: Int] = [:]
  /// Whether a list is going to be made that will have what is saved now.
  private var isListing = false
  /// One list at a time.
  private let listing = Mutex<Void>(())

  init(
    _ folder: AnnotationFolder, limits: ServeLimits, metrics: Metrics, log: @escaping @Sendable (String) -> Void
  ) {
    self.folder = folder
    self.metrics = metrics
    self.log = log
    name = folder.url.standardizedFileURL.lastPathComponent
    thumbnails = Thumbnails(folder, mostPixels: limits.pixels)
  }

  /// Reads the records.
  func open() {
    let (pictures, damaged) = folder.pictures()
    for file in damaged { log("note: \(AnnotationError.damagedRecord(file: file.path))") }
    for picture in pictures {
      let entry = Entry(picture)
      places[entry.id] = entries.count
      files[entry.id] = picture.file
      entries.append(entry)
    }
    if folder.hasUnlistedEdits { list() }
  }

  /// Lists what has been saved.
  func close() { if folder.hasUnlistedEdits { list() } }

  /// A part of what a filter takes.
  /// - Parameters:
  ///   - last: an entry behind which it begins, which the filter need not take any more; nil for the first part
  ///   - first: how many more are left out
  /// - Throws: ``ServeError/noSuchEntry(_:)``
  func page(
    _ filter: Filter, after last: String?, from first: Int, count: Int
  ) throws -> (entries: [Entry], total: Int, more: Bool) {
    let start = try last.map { last in
      guard let place = places[last] else { throw ServeError.noSuchEntry(String(last.prefix(64))) }
      return place + 1
    }
    let rest = entries[(start ?? 0)...].filter(filter.takes).dropFirst(first)
    return (Array(rest.prefix(count)), entries.count(where: filter.takes), rest.count > count)
  }

  /// In how many pictures each category is.
  var categories: [String: Int] {
    Dictionary(entries.flatMap { $0.counts.keys.map { ($0, 1) } }, uniquingKeysWith: +)
  }

  /// The bytes of a picture.
  func picture(_ id: String) throws -> Data {
    let file = try file(id)
    return try folder.serving { try folder.bytes(ofPicture: file) }
  }

  /// What the folder says of a picture now.
  func annotatedPicture(_ id: String) throws -> AnnotatedPicture {
    let file = try file(id)
    return try folder.serving {
      guard let picture = try folder.picture(file) else { throw AnnotationError.noRecord(picture: file) }
      return picture
    }
  }

  func entry(_ id: String) throws -> Entry {
    _ = try file(id)
    guard let place = places[id] else { throw ServeError.noSuchEntry(id) }
    return entries[place]
  }

  func map(_ id: String) throws -> AnnotatedMap {
    let file = try file(id)
    return try folder.serving { try folder.annotatedMap(of: file) }
  }

  /// - Returns: the version that lies there now
  func save(_ map: PanopticMap, as id: String, basedOn version: String) throws -> AnnotatedMap {
    let file = try file(id)
    try folder.serving {
      do {
        try folder.save(map, of: file, basedOn: version)
      } catch AnnotationError.changedSince {
        throw ServeError.changedSince
      } catch let error as CategoryTableError {
        throw ServeError.badMap(reason: "\(error)")
      }
    }
    metrics.count(.saves)
    if let place = places[id] { entries[place] = Entry(try annotatedPicture(id)) }
    listSoon()
    return try self.map(id)
  }

  private func file(_ id: String) throws -> String {
    guard let file = files[id] else { throw ServeError.noSuchEntry(String(id.prefix(64))) }
    return file
  }

  /// Several saves in a row make one list. That of a large folder takes seconds, in which others are answered.
  private func listSoon() {
    guard !isListing else { return }
    isListing = true
    Task {
      try? await Task.sleep(for: .milliseconds(500))
      isListing = false
      await Task.detached { [self] in list() }.value
    }
  }

  private nonisolated func list() {
    listing.withLock { _ in
      do {
        for failure in try folder.listEdits() { log("note: \(failure.file) is not listed: \(failure.reason)") }
      } catch {
        log("error: \(error)")
      }
    }
  }
}
