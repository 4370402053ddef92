import CrayonCore
import Foundation
import PNGFiles
import Pipeline
import TestSupport
import Testing

@testable import Annotation

/// Damaged maps, datasets, records, pipelines and files of other formats are refused by a sentence of ours or read, but never
/// crash, hang or cost memory that their pictures do not.
///
/// 2000 mutants by default; `CRAYON_FUZZ=1000000` runs as many as it says.
@Suite(.serialized) struct PersonFilesFuzzTests {
  private static let count = ProcessInfo.processInfo.environment["CRAYON_FUZZ"].flatMap(Int.init) ?? 2000
  private static let stored = Fixtures.folder.appendingPathComponent("Formats")

  /// - Parameters:
  ///   - name: that the mutants have in their folder
  ///   - share: of all mutants
  ///   - mend: makes good what would give a mutant away before it is read
  private func fuzz(
    _ seeds: [[UInt8]], named name: String, share: Double, salt: UInt64, mend: ([UInt8]) -> [UInt8] = { $0 },
    use: (URL) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let file = folder.file(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let tally = try FuzzTally(seeds, count: max(40, Int(Double(Self.count) * share)), salt: salt) {
      try Data(mend($0)).write(to: file)
    } open: { _, _ in
      try use(file)
    } isRefusal: { error in
      // An error of the libraries beneath says nothing to a person.
      !(error is DecodingError || error is CocoaError || error is POSIXError || "\(error)".isEmpty)
    }
    print("\(salt) \(name): \(tally.opened) read, \(tally.refused) refused, slowest \(tally.slowest)")
    #expect(tally.unexpected.isEmpty)
    #expect(tally.slowest < .seconds(2))
    // A fuzzer that opens nothing, or everything, tests nothing.
    #expect(tally.opened > 0 && tally.refused > 0)
  }

  private static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: stored.appendingPathComponent(name)))
  }

  @Test func mapsBesideTheirJSON() throws {
    let json = Self.stored.appendingPathComponent("map.json")
    try fuzz([Self.bytes("map.png")], named: "map.png", share: 0.2, salt: 11, mend: PNGChecksums.mended) {
      _ = try PanopticMap.read($0, json: json).map.segments
    }
    let png = Self.stored.appendingPathComponent("map.png")
    try fuzz([Self.bytes("map.json")], named: "map.json", share: 0.2, salt: 12) {
      let (map, table) = try PanopticMap.read(png, json: $0)
      for segment in map.segments { #expect(table.category(named: segment.category.name) != nil) }
    }
  }

  @Test func datasets() throws {
    let dataset = """
      {"images":[{"id":1,"file_name":"a.png","width":4,"height":3},{"id":"b","file_name":"b.png","width":4,"height":3}],
      "annotations":[{"image_id":1,"file_name":"a.png","segments_info":[{"id":1,"category_id":47,"area":3,"bbox":[0,0,1,3],
      "iscrowd":0,"score":0.5}]}],"categories":[{"id":47,"name":"cup","isthing":1},{"id":200,"name":"rug","isthing":0}]}
      """
    try fuzz([Array(dataset.utf8)], named: "panoptic.json", share: 0.1, salt: 13) {
      _ = try COCOPanoptic(readingJSON: $0).categoryTable()
    }
  }

  @Test(arguments: [
    (AnnotationFormat.cocoInstances, "coco-instances.json", "instances.json"),
    (.cvat, "cvat.xml", "annotations.xml"),
    (.labelme, "labelme/edited.json", "picture.json"),
  ])
  func otherFormats(format: AnnotationFormat, stored: String, name: String) throws {
    try fuzz([Self.bytes(stored)], named: name, share: 0.1, salt: 20 + UInt64(name.count)) { file in
      let source = format == .labelme ? file.deletingLastPathComponent() : file
      let files = try AnnotationImport.Files(format, source)
      for index in 0..<files.count {
        let picture = try files.reader.picture(index, size: [40, 30])
        // What an import refuses by its size is not painted.
        guard (picture.width, picture.height) == (40, 30) else {
          throw FormatError.noPictures(folder: name, format: format)
        }
        #expect(MapPainter(picture, keeping: nil).ids.count == 1200)
      }
    }
  }

  @Test func polygonsOfYOLO() throws {
    let folder = try TemporaryFolder()
    let annotated = try FormatsCommandTests.annotated(in: folder)
    let made = folder.file("yolo")
    let exported = try CrayonProcess.run("export", annotated.path, "--to", "yolo-seg", "--out", made.path)
    try #require(exported.status == 0, "\(exported.errors)")
    let label = try #require(
      ForeignFiles.names(below: made, ending: ".txt").first { $0.contains("picture") })
    let seed = Array(try Data(contentsOf: made.appendingPathComponent(label)))
    try fuzz([seed], named: "mutant.txt", share: 0.1, salt: 31) { file in
      let place = made.appendingPathComponent(label)
      try Data(contentsOf: file).write(to: place)
      let files = try AnnotationImport.Files(.yoloSeg, made)
      for index in 0..<files.count {
        _ = MapPainter(try files.reader.picture(index, size: [40, 30]), keeping: nil).visible
      }
    }
  }

  @Test func records() throws {
    let folder = try TemporaryFolder()
    let annotated = try FormatsCommandTests.annotated(in: folder)
    let record = annotated.appendingPathComponent(".crayon/picture.json")
    let seed = Array(try Data(contentsOf: record))
    struct Damaged: Error, CustomStringConvertible { let description = "damaged" }
    try fuzz([seed], named: "mutant.json", share: 0.1, salt: 41) { file in
      try Data(contentsOf: file).write(to: record)
      let (pictures, damaged) = try AnnotationFolder(annotatedAt: annotated).pictures()
      #expect(pictures.count + damaged.count == 1)
      guard damaged.isEmpty else { throw Damaged() }
    }
  }

  @Test func pipelines() throws {
    let files = ["pocket", "pocket-scenes", "pocket-mask2former-tiny", "collavo-7b", "nextchat-7b"].map {
      Fixtures.folder.appendingPathComponent("../../Pipelines/\($0).yaml")
    }
    let seeds = try files.map { Array(try Data(contentsOf: $0)) }
    try fuzz(seeds, named: "mutant.yaml", share: 0.1, salt: 51) {
      _ = try PipelineConfiguration(reading: $0)
    }
  }

  @Test func runsAsCOCOWritesThem() throws {
    let seeds = ["l3<b0000000HB0>0B0>0B0>0B0>8000000\\f0", "Re04j000000h30XL00000V5"].map { Array($0.utf8) }
    try fuzz(seeds, named: "runs.txt", share: 0.1, salt: 61) {
      let text = String(decoding: try Data(contentsOf: $0), as: UTF8.self)
      #expect(try RunLengthMask(width: 40, height: 30, cocoText: text).area <= 1200)
    }
  }
}
