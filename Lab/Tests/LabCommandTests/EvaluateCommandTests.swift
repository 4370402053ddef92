import Foundation
import TestSupport
import Testing

/// The sample pictures' own maps against themselves.
@Suite struct EvaluateCommandTests {
  @Test func theSamplesMapsArePerfectPredictionsOfThemselves() throws {
    let result = try CrayonProcess.run(
      "eval", "panoptic", "--ground-truth", "Samples/panoptic.json", "--ground-truth-dir", "Samples/panoptic",
      "--predictions", "Samples/panoptic.json", "--predictions-dir", "Samples/panoptic", "--json")
    #expect(result.status == 0)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect((report["all"] as? [String: Any])?["pq"] as? Double == 1)
  }

  /// What is written down is what the figures count.
  @Test func everyAnswerIsWrittenDown() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "eval", "vqa", "--data", "Samples/questions.jsonl", "--pictures", "1", "--json", "--answers",
    ]
    let result = try CrayonProcess.run(arguments + [folder.file("answers.jsonl").path])
    #expect(result.status == 0, "\(result.errors)")
    let all = try #require(try JSONOutput.object(result)["all"] as? [String: Any])
    let lines = try String(contentsOf: folder.file("answers.jsonl"), encoding: .utf8).split(separator: "\n")
    let answers = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(answers.count > 0 && answers.count == all["asked"] as? Int)
    let right = answers.count { $0["right"] as? Bool == true }
    let accuracy = try #require(all["accuracy"] as? Double)
    #expect(abs(Double(right) / Double(answers.count) - accuracy) < 1e-12)
    for answer in answers {
      #expect((answer["image"] as? String)?.hasSuffix(".png") == true && answer["family"] is String)
      #expect(answer["question"] is String && answer["truth"] is String && answer["boxes"] is [[Double]])
      if let text = answer["answer"] as? String, text == answer["truth"] as? String {
        // Right words may point at a wrong place.
        #expect(answer["words_right"] as? Bool ?? answer["right"] as? Bool == true)
      }
    }
    let nowhere = try CrayonProcess.run(arguments + [folder.file("none/answers.jsonl").path])
    #expect(nowhere.status == 64 && nowhere.errors.contains("is no folder that can be written to"))
  }

  @Test func answersWithPlacesHaveTheirBoxes() throws {
    let folder = try TemporaryFolder()
    let result = try CrayonProcess.run([
      "eval", "c2b", "--data", "Samples/panoptic.json", "--images", "Samples", "--limit", "1", "--json",
      "--boxes", "segments", "--answers", folder.file("answers.jsonl").path,
    ])
    #expect(result.status == 0, "\(result.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.file("answers.jsonl"))) as? [String: Any])
    #expect((answer["question"] as? String)?.hasPrefix("Where is ") == true)
    #expect(answer["truth"] == nil && answer["right"] == nil)
    #expect((answer["vias"] as? [String])?.count == (answer["boxes"] as? [[Double]])?.count)
    #expect(
      (answer["boxes"] as? [[Double]])?.allSatisfy { $0.count == 4 && $0[0] < $0[2] && $0[1] < $0[3] } == true)
  }
}
