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

    /// How many pictures they have.
    public var count: Int { names.count }

    /// - Parameters:
    ///   - format: what the source is written in
    ///   - source: a folder, or the one file that the format has
    /// - Throws: ``FormatError`` where nothing of the source can be read
    public init(_ format: AnnotationFormat, _ source: URL) throws {
      guard FileManager.default.fileExists(atPath: source.path) else {
        throw FormatError.notFound(file: source.path)
      }
      reader =
        switch format {
        case .cocoInstances: try COCOInstancesReader(source)
        case .yoloSeg: try YOLOSegmentsReader(source)
        case .labelme: try LabelMeReader(source)
        case .cvat: try CVATReader(source)
        case .masks: try MaskFilesReader(source)
        }
      self.source = source
      names = reader.names
      guard !names.isEmpty else { throw FormatError.noPictures(folder: source.path, format: format) }
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
    var vocabulary = (try? COCOPanoptic.table(readingJSON: folder.datasetFile)) ?? .coco
    var done: Set<String> = []
    for (index, name) in names.enumerated() {
      do {
        let file = try Self.file(of: name, among: recorded, in: folder.url)
        guard done.insert(file).inserted else {
          throw FormatError.severalPictures(name: file, folder: source.path)
        }
        try read(index, of: reader, into: file, &vocabulary, &summary)
      } catch let error where error is FormatError || error is COCOPanopticError || error is CategoryTableError
      {
        summary.failures.append(AnnotationFailure(file: name, path: source.path, reason: "\(error)"))
      }
      report(index + 1)
    }
    summary.listed = try AnnotationDataset(folder: folder, categories: vocabulary).write().listed
    return summary
  }

  private func read(
    _ index: Int, of reader: any FormatReader, into file: String, _ vocabulary: inout CategoryTable,
    _ summary: inout Summary
  ) throws {
    guard var record = try folder.record(of: file) else {
      throw FormatError.unknownPicture(name: file, folder: folder.url.path)
    }
    let own = try record.table()
    let picture = try reader.picture(index, size: [record.width, record.height])
    guard (picture.width, picture.height) == (record.width, record.height) else {
      throw FormatError.wrongSize(
        name: picture.name, wanted: [record.width, record.height], got: [picture.width, picture.height])
    }
    let place = folder.map(of: file)
    let old = try? PanopticMap(editedPNG: place, segments: record.segments_info, categories: own)
    let painter = MapPainter(picture, keeping: old)
    let visible = painter.visible
    var labels: [Int32: PanopticMap.Label] = [:]
    var used: [Category] = own.categories
    for (id, segment) in visible {
      let category = try Self.category(segment.label, own, &vocabulary, &summary)
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
    summary.segments += map.segments.count
    summary.vanished += painter.segments.count - visible.count
    if let old, old.ids == map.ids, Self.says(map, theSameAs: old) {
      summary.same += 1
      return
    }
    summary.changed += 1
    let png = try map.encodedPNG(name: place.path)
    // Scores are the segmenter's: a person's map has those alone that the format kept.
    record.segments_info = map.segmentsInfo
    record.categories = used.map(COCOPanoptic.Entry.init)
    // What crayon made stays in the record: by it the next run knows that this one is another.
    if record.map == AnnotationFolder.digest(png) { record.map = "" }
    if record.replaced == AnnotationFolder.digest(png) { record.replaced = nil }
    try folder.write(record)
    try folder.write(png, to: place)
  }

  private static func says(_ map: PanopticMap, theSameAs old: PanopticMap) -> Bool {
    map.segments.map { [$0.category.name, "\($0.id) \($0.isCrowd)"] }
      == old.segments.map { [$0.category.name, "\($0.id) \($0.isCrowd)"] }
  }

  /// By name: of the picture's own vocabulary, the dataset's, COCO's; else a new one.
  private static func category(
    _ name: String, _ own: CategoryTable, _ vocabulary: inout CategoryTable, _ summary: inout Summary
  ) throws -> Category {
    if let known = own.category(named: name) ?? vocabulary.category(named: name) { return known }
    let added: Category
    if let known = CategoryTable.coco.category(named: name) {
      added = known
    } else {
      added = Category(id: (vocabulary.categories.map(\.id).max() ?? 0) + 1, name: name, isThing: true)
      summary.newCategories.append(name)
    }
    vocabulary = try vocabulary.joined(with: CategoryTable([added]))
    return vocabulary.category(named: name) ?? added
  }

  /// What the results of a picture are called: it is known by its name, by the end of it, or by its results' name.
  private static func file(of name: String, among recorded: [RecordedPicture], in folder: URL) throws -> String
  {
    func only(_ found: [RecordedPicture]) throws -> String? {
      guard let first = found.first else { return nil }
      guard found.count == 1 else { throw FormatError.severalPictures(name: name, folder: folder.path) }
      return first.file
    }
    let stem = (name as NSString).deletingPathExtension
    let found =
      try only(recorded.filter { $0.name == name }) ?? only(
        recorded.filter { $0.file == name || $0.file == stem })
      ?? only(
        recorded.filter { ("/" + name).hasSuffix("/" + $0.name) || ("/" + $0.name).hasSuffix("/" + name) })
      ?? only(
        recorded.filter { ("/" + $0.file).hasSuffix("/" + stem) || ("/" + stem).hasSuffix("/" + $0.file) })
    guard let found else { throw FormatError.unknownPicture(name: name, folder: folder.path) }
    return found
  }
}
