import CrayonCore
public import Foundation

/// Brings maps of another format into an annotated folder, as maps that a person has edited: `crayon annotate` does not
/// overwrite them.
public struct AnnotationImport: Sendable {
  /// What an import did.
  public struct Summary: Sendable, Equatable, Codable {
    /// Pictures whose maps are others now.
    public var changed = 0
    /// Pictures whose maps say the same as before.
    public var same = 0
    /// In all pictures.
    public var segments = 0
    /// Segments that others cover wholly, or that have no pixel.
    public var vanished = 0
    /// Names that no vocabulary has, and that became categories of things.
    public var newCategories: [String] = []
    /// What lies in the source's folder, and is neither read nor a picture.
    public var passedOver: [String] = []
    /// Pictures that could not be read.
    public var failures: [AnnotationFailure] = []
    /// Pictures in panoptic.json.
    public var listed = 0

    /// Nothing read yet.
    public init() {}
  }

  private let folder: AnnotationFolder

  /// - Parameter url: as `crayon annotate` writes it
  /// - Throws: ``AnnotationError``
  public init(into url: URL) throws { folder = try AnnotationFolder(existing: url) }

  /// Files of another format, open.
  public struct Files {
    let reader: any FormatReader
    let source: URL
    let names: [String]
    /// Of a folder; a file that is named itself may lie among anything.
    let passedOver: [String]

    /// How many pictures they have.
    public var count: Int { names.count }

    /// - Parameters:
    ///   - format: what the source is written in
    ///   - source: a folder, or a file of the format
    /// - Throws: ``FormatError`` where nothing of the source can be read
    public init(_ format: AnnotationFormat, _ source: URL) throws {
      guard FileManager.default.fileExists(atPath: source.path) else {
        throw FormatError.notFound(file: source.path)
      }
      let reader: any FormatReader =
        switch format {
        case .cocoInstances: try COCOInstancesReader(source)
        case .yoloSeg: try YOLOSegmentsReader(source)
        case .labelme: LabelMeReader(source)
        case .cvat: try CVATReader(source)
        case .masks: try MaskFilesReader(source)
        }
      names = reader.names
      guard !names.isEmpty else { throw FormatError.noPictures(folder: source.path, format: format) }
      passedOver =
        ForeignFiles.isFile(source) ? [] : DirectoryListing.files(below: source).filter { !reader.knows($0) }
      (self.reader, self.source) = (reader, source)
    }
  }

  /// - Parameters:
  ///   - files: of the other format, whose pictures get maps in the folder
  ///   - report: called behind each picture with how many are done
  /// - Throws: where results cannot be written; a picture that cannot be read is a failure of the summary
  public func run(_ files: Files, report: (Int) -> Void = { _ in }) throws -> Summary {
    let (reader, source, names) = (files.reader, files.source, files.names)
    let (recorded, damaged) = folder.recordedPictures()
    if let file = damaged.first { throw AnnotationError.damagedRecord(file: file.path) }
    var summary = Summary()
    summary.passedOver = files.passedOver
    // COCO's names are looked up where they are needed: maps keep the ids that they have.
    var vocabulary = try (try? COCOPanoptic.table(readingJSON: folder.datasetFile)) ?? CategoryTable([])
    var done: Set<String> = []
    for (index, name) in names.enumerated() {
      do {
        guard let file = try Self.picture(of: name, among: recorded, in: folder.url)?.file else {
          throw FormatError.unknownPicture(
            name: name, folder: folder.url.path, file: reader.file(of: index).path)
        }
        guard done.insert(file).inserted else {
          throw FormatError.severalPictures(name: file, folder: source.path)
        }
        // A picture that cannot be read adds nothing.
        var (words, after) = (vocabulary, summary)
        try read(index, of: reader, into: file, among: recorded, &words, &after)
        (vocabulary, summary) = (words, after)
      } catch let error where error is FormatError || error is COCOPanopticError || error is CategoryTableError
      {
        summary.failures.append(
          AnnotationFailure(file: name, path: reader.file(of: index).path, reason: "\(error)"))
      }
      report(index + 1)
    }
    let written = try AnnotationDataset(folder: folder, categories: vocabulary).write()
    summary.listed = written.listed
    summary.failures += written.failures
    return summary
  }

  private func read(
    _ index: Int, of reader: any FormatReader, into file: String, among recorded: [RecordedPicture],
    _ vocabulary: inout CategoryTable, _ summary: inout Summary
  ) throws {
    guard var record = try folder.record(of: file) else {
      throw FormatError.unknownPicture(
        name: file, folder: folder.url.path, file: reader.file(of: index).path)
    }
    let own = try record.table()
    let picture = try reader.picture(index, size: [record.width, record.height])
    guard !picture.shapes.contains(where: { $0.label?.isEmpty == true }) else {
      throw FormatError.unreadable(
        file: reader.file(of: index).path, reason: "a category that it uses has an empty name")
    }
    if let source = picture.picture, let other = Self.other(than: record, at: source, among: recorded) {
      throw FormatError.ofAnother(name: picture.name, picture: other.name)
    }
    guard (picture.width, picture.height) == (record.width, record.height) else {
      throw FormatError.wrongSize(
        name: picture.name, wanted: [record.width, record.height], got: [picture.width, picture.height])
    }
    let old = try? PanopticMap(editedPNG: folder.map(of: file), segments: record.segments_info, categories: own)
    let painter = MapPainter(picture, keeping: old)
    let visible = painter.visible
    var labels: [Int32: PanopticMap.Label] = [:]
    var used: [Category] = own.categories
    for (id, segment) in visible {
      let category = try Self.category(segment, own, &vocabulary, &summary)
      if !used.contains(where: { $0.name == category.name }) {
        let isFree = !used.contains { $0.id == category.id }
        let free = (used.map(\.id).max() ?? 0) + 1
        used.append(Category(id: isFree ? category.id : free, name: category.name, isThing: category.isThing))
      }
      labels[id] = PanopticMap.Label(
        category: used.first { $0.name == category.name } ?? category, score: segment.score,
        isCrowd: segment.isCrowd)
    }
    let map = try PanopticMap(width: record.width, height: record.height, ids: painter.ids, labels: labels)
    defer {
      summary.segments += map.segments.count
      summary.vanished += painter.segments.count - visible.count
    }
    if let old, old.ids == map.ids, Self.says(map, theSameAs: old) {
      summary.same += 1
      return
    }
    // Scores are the segmenter's: a person's map has those alone that the format kept.
    record.segments_info = map.segmentsInfo
    record.categories = used.map(COCOPanoptic.Entry.init)
    try folder.put(map, record)
    summary.changed += 1
  }

  /// The picture that a path leads to, where that is another one: by the whole path; or, as files are moved, by its last
  /// part where no other picture's ends so.
  private static func other(
    than record: AnnotationRecord, at path: String, among recorded: [RecordedPicture]
  ) -> RecordedPicture? {
    guard path != record.path else { return nil }
    func last(_ path: String) -> String { (path as NSString).lastPathComponent }
    return recorded.first { $0.path == path }
      ?? (last(path) == last(record.path) ? nil : recorded.first { last($0.path) == last(path) })
  }

  private static func says(_ map: PanopticMap, theSameAs old: PanopticMap) -> Bool {
    map.segments.map { [$0.category.name, "\($0.id) \($0.isCrowd)"] }
      == old.segments.map { [$0.category.name, "\($0.id) \($0.isCrowd)"] }
  }

  /// By name: of the picture's own vocabulary, the dataset's, COCO's; else a new one.
  private static func category(
    _ segment: MapPainter.Segment, _ own: CategoryTable, _ vocabulary: inout CategoryTable,
    _ summary: inout Summary
  ) throws -> Category {
    let name = segment.label
    if let known = own.category(named: name) ?? vocabulary.category(named: name) {
      guard segment.isThing ?? known.isThing == known.isThing else {
        throw CategoryTableError.differentKinds(name: name)
      }
      return known
    }
    let added: Category
    if let known = CategoryTable.coco.category(named: name) {
      added = Category(id: known.id, name: name, isThing: segment.isThing ?? known.isThing)
    } else {
      added = Category(
        id: (vocabulary.categories.map(\.id).max() ?? 0) + 1, name: name, isThing: segment.isThing ?? true)
      summary.newCategories.append(name)
    }
    vocabulary = try vocabulary.joined(with: CategoryTable([added]))
    return vocabulary.category(named: name) ?? added
  }

  /// The picture that a name of the format means: that which is listed or whose results are called so; else the one whose
  /// path ends in the name, or whose listed name does. Formats that leave the picture's extension away are met by the names
  /// of results, which have none.
  /// - Returns: nil where there is none
  private static func picture(
    of name: String, among recorded: [RecordedPicture], in folder: URL
  ) throws -> RecordedPicture? {
    func only(_ found: [RecordedPicture]) throws -> RecordedPicture? {
      guard let first = found.first else { return nil }
      guard found.count == 1 else { throw FormatError.severalPictures(name: name, folder: folder.path) }
      return first
    }
    let plain = name.split(separator: "/").drop { $0 == "." || $0 == ".." }.joined(separator: "/")
    func ends(_ long: String, in short: String) -> Bool { ("/" + long).hasSuffix("/" + short) }
    func stem(_ path: String) -> String { (path as NSString).deletingPathExtension }
    return try only(recorded.filter { $0.name == name }) ?? only(recorded.filter { $0.file == name })
      ?? only(recorded.filter { ends($0.path, in: plain) })
      ?? only(recorded.filter { ends($0.name, in: plain) })
      ?? only(recorded.filter { ends(stem($0.path), in: plain) })
      ?? only(recorded.filter { ends($0.file, in: plain) })
  }
}
