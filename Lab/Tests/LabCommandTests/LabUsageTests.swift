import Foundation
import TestSupport
import Testing

/// What the laboratory's program says, and how it ends, under either name.
@Suite struct LabUsageTests {
  static let lab = CrayonProcess.program.deletingLastPathComponent().appendingPathComponent("crayon-lab")

  @Test(arguments: [["eval", "--help"], ["eval", "panoptic", "--help"], ["bench", "segment", "--help"]])
  func helpIsAnAnswerInTheNameThatWasCalled(arguments: [String]) throws {
    let own = try CrayonProcess.run(arguments, program: Self.lab)
    let other = try CrayonProcess.run(arguments)
    #expect(own.status == 0 && other.status == 0)
    #expect(own.output.contains("USAGE: crayon-lab \(arguments[0])"))
    #expect(other.output.contains("USAGE: crayon \(arguments[0])"))
    #expect(own.output.replacingOccurrences(of: "crayon-lab", with: "crayon") == other.output)
  }

  @Test(arguments: [
    (["eval", "panoptic"], Int32(64), "Missing expected argument"),
    (["eval", "nothing"], 64, "Unexpected argument"),
    (["bench", "segment", "--pipeline", "none"], 64, "there is no pipeline"),
    (["drift", "none", "none", "Samples"], 64, "there is no pipeline"),
  ])
  func statusAndSentenceArePassedOn(arguments: [String], status: Int32, sentence: String) throws {
    for program in [CrayonProcess.program, Self.lab] {
      let result = try CrayonProcess.run(arguments, program: program)
      #expect(result.status == status && result.output.isEmpty)
      #expect(result.errors.contains(sentence), "\(result.errors)")
    }
  }

  @Test func kernelsThatThisProcessorLacks() throws {
    let result = try CrayonProcess.run(
      ["bench", "language"], environment: ["CRAYON_KERNELS": "abacus"])
    #expect(result.status == 64 && result.errors.contains("abacus"))
  }
}
