import Foundation
import TestSupport
import Testing

/// `crayon bench language` as a process.
@Suite struct BenchCommandTests {
  static let llama = Fixtures.folder.appendingPathComponent("6-Language/llama").path

  @Test func aModelThatIsDamaged() throws {
    let folder = try TemporaryFolder()
    let model = folder.file("SmolLM2-135M-Instruct")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try Data("GGUF".utf8).write(to: model.appendingPathComponent("SmolLM2-135M-Instruct.Q4_1.gguf"))
    let bench = try CrayonProcess.run(
      "bench", "language", environment: ["CRAYON_MODELS": folder.url.path])
    #expect(bench.status == 3 && bench.errors.contains("cannot be followed at byte 4"))
  }

  @Test func speedOfATinyModel() throws {
    let result = try CrayonProcess.run(
      "bench", "language", "--model", Self.llama, "--prompt", "20", "--tokens", "5", "--runs", "1", "--json",
      "--adapters", "2", "--precision", "float32", environment: ["CRAYON_KERNELS": "portable"])
    #expect(result.status == 0)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    for key in ["promptTokensPerSecond", "tokensPerSecond", "adaptedTokensPerSecond", "peakMegabytes"] {
      #expect((report[key] as? Double ?? 0) > 0, "\(key)")
    }
    #expect((report["kernels"] as? String)?.hasPrefix("portable, float32 by ") == true)
    #expect(try CrayonProcess.run("bench", "language", "--prompt", "0").status == 64)
    let long = try CrayonProcess.run(
      "bench", "language", "--model", Self.llama, "--prompt", "200", "--tokens", "5")
    #expect(long.status == 1 && long.errors.contains("the model sees at most 128"))
  }

  @Test(.enabled(if: Models.haveSmolLM2, "SmolLM2-135M-Instruct is not in the models folder (make models)"))
  func aQuestion() throws {
    let result = try CrayonProcess.run(
      "bench", "language", "--prompt", "8", "--tokens", "2", "--runs", "1", "--adapters", "0", "--question",
      "What is the capital of France?")
    #expect(result.status == 0 && result.output.contains("Paris"))
  }
}
