import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// `crayon eval` of regions, run as a person runs it.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct EvaluateRegionsCommandTests {
  /// Every report pins what its figures depend on.
  @Test(arguments: ["c2b", "b2c"])
  func classesAndBoxesAreEvaluated(task: String) throws {
    let result = try CrayonProcess.run([
      "eval", task, "--data", "Samples/panoptic.json", "--images", "Samples", "--limit", "2", "--json",
    ])
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONOutput.object(result)
    #expect(report["task"] as? String == task && report["questions"] as? Int == 2)
    #expect(report["prompt"] as? String == (task == "c2b" ? "Where is <expr>?" : "What is in [1]?"))
    #expect(report["pipeline"] as? String == "pocket")
    let weights = try #require(report["weights"] as? [[String: String]])
    #expect(weights.count >= 9 && weights.allSatisfy { $0["sha256"]?.count == 64 })
    #expect((report["data"] as? [String: String])?["sha256"]?.count == 64)
    let decoding = try #require(report["decoding"] as? [String: Any])
    #expect(decoding["temperature"] as? Double == 0 && decoding["max_tokens"] as? Int == 96)
    let figures = try #require(report["figures"] as? [String: Any])
    #expect(figures["asked"] as? Int == 2 && figures["unparsed"] is Int)
    let bySource = report["figures_by_source"] as? [String: [String: Any]]
    #expect(bySource?.keys.sorted() == (task == "c2b" ? ["heads", "words"] : nil))
    #expect(bySource?.values.allSatisfy { $0["asked"] as? Int == 2 } != false)
  }

  /// Maps that are given take the segmenter's place; one that is missing is named.
  @Test(arguments: [
    ["vqa", "--data", "Samples/questions.jsonl", "--pictures", "1"],
    ["c2b", "--data", "Samples/panoptic.json", "--images", "Samples", "--limit", "1"],
  ])
  func mapsMayBeGiven(arguments: [String]) throws {
    let given = try CrayonProcess.run(["eval"] + arguments + ["--json", "--panoptic-dir", "Samples/panoptic"])
    #expect(given.status == 0, "\(given.errors)")

    let folder = try TemporaryFolder()
    let file = CrayonProcess.repository.appendingPathComponent("Samples/panoptic.json")
    var dataset = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    dataset["annotations"] = [Any]()
    try JSONSerialization.data(withJSONObject: dataset).write(to: folder.file("maps.json"))
    let missing = try CrayonProcess.run(["eval"] + arguments + ["--panoptic-dir", folder.file("maps").path])
    #expect(missing.status == 1)
    #expect(
      missing.errors.contains("maps.json has no annotation for the picture breakfast.png"), "\(missing.errors)")
  }

  @Test(arguments: ["rec", "res", "region-caption"])
  func referringExpressionsAreEvaluated(task: String) throws {
    let folder = try TemporaryFolder()
    let line =
      #"{"img_path": "cups.png", "expression": "the cup", "bbox": [401, 239, 484, 334], "height": 512, "width": 512, "mask": [[401, 239, 484, 239, 484, 334, 401, 334]]}"#
    try Data(line.utf8).write(to: folder.file("data.jsonl"))
    let arguments = ["eval", task, "--data", folder.file("data.jsonl").path, "--images", "Samples"]
    let result = try CrayonProcess.run(arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    let figures = try #require(try JSONOutput.object(result)["figures"] as? [String: Any])
    #expect(figures["asked"] as? Int == 1)
    let table = try CrayonProcess.run(arguments).output
    #expect(table.contains("as shipped") == (task != "region-caption"))
    let badPrompt = try CrayonProcess.run(arguments + ["--prompt", "Where?"])
    #expect(badPrompt.status == 64 && badPrompt.errors.contains("--prompt holds"))
  }
}
