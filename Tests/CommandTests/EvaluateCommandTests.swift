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
}
