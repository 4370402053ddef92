import Foundation
import TestSupport
import Testing

/// `crayon models` as a process.
@Suite struct LanguageCommandTests {
  static let llama = Fixtures.folder.appendingPathComponent("6-Language/llama").path

  @Test func modelsThatAreNotThere() throws {
    let folder = try TemporaryFolder()
    let environment = ["CRAYON_MODELS": folder.url.path]
    let list = try CrayonProcess.run("models", "list", environment: environment)
    #expect(list.status == 0)
    #expect(list.output.contains("SmolLM2-135M-Instruct: not there"))
    let empty = try CrayonProcess.run("models", "verify", environment: environment)
    #expect(empty.status == 3 && empty.errors == "error: there are no models in \(folder.url.path)\n")
    let named = try CrayonProcess.run(
      "models", "verify", "SmolLM2-135M-Instruct", environment: environment)
    #expect(named.status == 3 && named.errors.contains("make models"))
    #expect(try CrayonProcess.run("models", "verify", "Llama-9", environment: environment).status == 64)
  }

  @Test func aModelThatIsDamaged() throws {
    let folder = try TemporaryFolder()
    let model = folder.file("SmolLM2-135M-Instruct")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try Data("GGUF".utf8).write(to: model.appendingPathComponent("SmolLM2-135M-Instruct.Q4_1.gguf"))
    let environment = ["CRAYON_MODELS": folder.url.path]
    let verify = try CrayonProcess.run("models", "verify", environment: environment)
    #expect(verify.status == 3 && verify.errors.contains("is damaged"))
  }

  @Test func whatCannotBeQuantisedLeavesNothingBehind() throws {
    let folder = try TemporaryFolder()
    let out = folder.file("out")
    let result = try CrayonProcess.run("models", "quantize", Self.llama, out.path)
    #expect(result.status == 3 && result.errors.contains("not whole blocks of 64"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }
}
