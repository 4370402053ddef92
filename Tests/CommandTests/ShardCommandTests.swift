import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// `--shard` and `--merge`: parts of the work as engines start them, and a set that is whole or refused.
@Suite struct ShardCommandTests {
  static let pictures = Fixtures.folder.appendingPathComponent("Formats")

  /// Four pictures of one map.
  static func folder(_ folder: borrowing TemporaryFolder) throws -> [String] {
    let photos = folder.file("photos")
    try FileManager.default.createDirectory(at: photos, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: folder.file("maps"), withIntermediateDirectories: true)
    for name in ["a", "b", "c", "d"] {
      try FileManager.default.copyItem(
        at: pictures.appendingPathComponent("picture.png"), to: photos.appendingPathComponent("\(name).png"))
      for end in ["png", "json"] {
        try FileManager.default.copyItem(
          at: pictures.appendingPathComponent("map.\(end)"), to: folder.file("maps/\(name).\(end)"))
      }
    }
    return ["annotate", photos.path, "--panoptic", folder.file("maps").path, "--out"]
  }

  @Test(arguments: [
    (
      [
        "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "2",
        "SLURM_ARRAY_TASK_STEP": "2",
      ], "2/2"
    ),
    (["JOB_COMPLETION_INDEX": "1", "CRAYON_SHARDS": "2"], "2/2"),
    (["PARALLEL_SEQ": "2", "CRAYON_SHARDS": "2"], "2/2"),
  ])
  func enginesSayWhichPart(environment: [String: String], shard: String) throws {
    let folder = try TemporaryFolder()
    let command = try Self.folder(folder)
    let auto = try CrayonProcess.run(
      command + [folder.file("auto").path, "--shard", "auto"], environment: environment)
    #expect(auto.status == 0, "\(auto.errors)")
    let named = try CrayonProcess.run(command + [folder.file("named").path, "--shard", shard])
    #expect(named.status == 0)
    let names = try ["auto", "named"].map {
      try FileManager.default.contentsOfDirectory(atPath: folder.file("\($0)/panoptic").path).sorted()
    }
    #expect(names[0] == names[1] && names[0] == ["b.png", "d.png"])
  }

  @Test(arguments: [
    ([:], "auto", "neither Slurm (SLURM_ARRAY_TASK_ID), Kubernetes"),
    (["JOB_COMPLETION_INDEX": "1"], "auto", "CRAYON_SHARDS must say how many parts there are"),
    (["PARALLEL_SEQ": "3", "CRAYON_SHARDS": "2"], "auto", "name a part that is not among the parts"),
    (["SLURM_ARRAY_TASK_ID": "3"], "auto", "name a part that is not among the parts"),
    ([:], "0/4", "0/4 is no part of the work"), ([:], "x", "x is no part of the work"),
  ])
  func refusals(environment: [String: String], shard: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let command = try Self.folder(folder)
    let result = try CrayonProcess.run(
      command + [folder.file("out").path, "--shard", shard], environment: environment)
    #expect(result.status == 64 && result.errors.contains(sentence), "\(result.errors)")
  }

  @Test func aSetIsWholeOrRefused() throws {
    let folder = try TemporaryFolder()
    let command = try Self.folder(folder)
    func merge(_ parts: Int...) throws -> CrayonProcess.Result {
      try CrayonProcess.run(
        ["annotate", "--merge"] + parts.map { folder.file("part\($0)").path } + [
          "--out", folder.file("merged").path,
        ])
    }
    for part in 1...3 {
      let result = try CrayonProcess.run(command + [folder.file("part\(part)").path, "--shard", "\(part)/3"])
      #expect(result.status == 0)
    }
    let missing = try merge(1, 3)
    #expect(missing.status == 64 && missing.errors.contains("2 of 3 is missing"), "\(missing.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("merged/panoptic.json").path))
    // As a part that was killed leaves it.
    let state = folder.file("part2/shard-2-of-3.json")
    let finished = try Data(contentsOf: state)
    try Data("{\"count\": 3, \"index\": 2, \"isFinished\": false}".utf8).write(to: state)
    let unfinished = try merge(1, 2, 3)
    #expect(
      unfinished.status == 64 && unfinished.errors.contains("2 of 3 is not finished"), "\(unfinished.errors)")
    try finished.write(to: state)
    #expect(try merge(1, 2, 3).status == 0)
    #expect(try CrayonProcess.run(command + [folder.file("single").path]).status == 0)
    #expect(
      try Data(contentsOf: folder.file("merged/panoptic.json"))
        == Data(contentsOf: folder.file("single/panoptic.json")))
  }

  /// What a person has edited in the merged folder stays; what was edited in a part is listed as it is.
  @Test func editsOutliveAMerge() throws {
    let folder = try TemporaryFolder()
    let command = try Self.folder(folder)
    for part in 1...2 {
      #expect(
        try CrayonProcess.run(command + [folder.file("part\(part)").path, "--shard", "\(part)/2"]).status == 0)
    }
    func blank(_ file: URL, from first: Int) throws {
      let pixels = try PNG.decode(try Data(contentsOf: file))
      var ids = pixels.ids
      for place in first..<ids.count { ids[place] = 0 }
      try PNG.encode(PNG.Pixels(width: pixels.width, height: pixels.height, ids: ids), as: .map).write(to: file)
    }
    // "b" in its part, before anything is merged.
    try blank(folder.file("part2/panoptic/b.png"), from: 600)
    let merge = [
      "annotate", "--merge", folder.file("part1").path, folder.file("part2").path, "--out",
      folder.file("all").path,
    ]
    #expect(try CrayonProcess.run(merge).status == 0)
    try blank(folder.file("all/panoptic/a.png"), from: 300)
    let edited = try Data(contentsOf: folder.file("all/panoptic/a.png"))
    let again = try CrayonProcess.run(merge)
    #expect(again.status == 0 && again.errors.contains("edited by a person and kept: a.png"), "\(again.errors)")
    #expect(try Data(contentsOf: folder.file("all/panoptic/a.png")) == edited)
    let dataset = try COCOPanoptic(readingJSON: folder.file("all/panoptic.json"))
    let annotation = try #require(dataset.annotations.first { $0.file_name == "b.png" })
    // A part whose map was lost on the way is not passed over, nor one that was cut short.
    try Data().write(to: folder.file("part2/panoptic/d.png"))
    let cut = try CrayonProcess.run(merge)
    #expect(cut.status != 0 && cut.errors.contains("d.png"), "\(cut.errors)")
    try FileManager.default.removeItem(at: folder.file("part2/panoptic/d.png"))
    let lost = try CrayonProcess.run(merge)
    #expect(lost.status != 0 && lost.errors.contains("which that part lists"), "\(lost.errors)")
    // Areas that are claimed are compared with those of the pixels.
    _ = try PanopticMap(annotation, in: folder.file("all/panoptic"), categories: dataset.categoryTable())
  }

  /// A record that cannot be listed in the merged folder is named and counted.
  @Test func aMergeNamesWhatItCannotList() throws {
    let folder = try TemporaryFolder()
    let command = try Self.folder(folder)
    #expect(try CrayonProcess.run(command + [folder.file("part").path]).status == 0)
    let merge = ["annotate", "--merge", folder.file("part").path, "--out", folder.file("all").path]
    #expect(try CrayonProcess.run(merge).status == 0)
    let record = folder.file("all/.crayon/other.json")
    try Data("{".utf8).write(to: record)
    let damaged = try CrayonProcess.run(merge)
    #expect(damaged.status == 1 && damaged.errors.contains("1 failed (see "), "\(damaged.errors)")
    let failures = folder.file("all/failures.jsonl")
    #expect(try String(contentsOf: failures, encoding: .utf8).contains("other.json is damaged"))
    try FileManager.default.removeItem(at: record)
    #expect(try CrayonProcess.run(merge).status == 0)
    #expect(!FileManager.default.fileExists(atPath: failures.path))
  }
}
