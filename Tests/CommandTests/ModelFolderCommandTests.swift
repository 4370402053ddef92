import Foundation
import TestSupport
import Testing

/// Models that lack what makes them one are never called whole, and not taken in.
@Suite struct ModelFolderCommandTests {
  struct Place: ~Copyable {
    let folder: TemporaryFolder
    var models: URL { folder.file("models") }

    init() throws { folder = try TemporaryFolder() }

    borrowing func run(_ arguments: String...) throws -> CrayonProcess.Result {
      try CrayonProcess.run(["models"] + arguments, environment: ["CRAYON_MODELS": models.path])
    }

    borrowing func write(_ names: [String], to path: String) throws -> URL {
      let target = folder.file(path)
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      let source = Fixtures.folder.appendingPathComponent("2-Panoptic/mask2former-tiny")
      for name in names {
        try FileManager.default.copyItem(
          at: source.appendingPathComponent(name), to: target.appendingPathComponent(name))
      }
      return target
    }
  }

  static let small = ["config.json", "preprocessor_config.json"]

  /// In the models folder, by whatever way it came there.
  @Test(arguments: [[], ["config.json"], small])
  func aModelWithoutWeightsIsNotWhole(names: [String]) throws {
    let place = try Place()
    _ = try place.write(names, to: "models/mine")
    let result = try place.run("verify", "mine")
    #expect(result.status == 3 && !result.output.contains("mine:"), "\(result.output)")
    #expect(
      result.errors.contains("/models/mine holds no weights; delete it, then: make it anew"), "\(result.errors)"
    )
    #expect(try place.run("verify").status == 3)
  }

  @Test func aModelWithWeightsIs() throws {
    let place = try Place()
    let source = try place.write(Self.small + ["model.safetensors"], to: "source")
    let imported = try place.run("import", source.path, "--name", "mine")
    #expect(imported.status == 0, "\(imported.errors)")
    let result = try place.run("verify", "mine")
    #expect(
      result.status == 0 && result.output.contains("every value a number; Mask2Former"), "\(result.errors)")
  }

  /// A cache whose fetch was cut: links lead to blobs that are not there yet.
  @Test(arguments: [nil, "mine"])
  func aCacheWithBrokenLinksIsNotTaken(name: String?) throws {
    let place = try Place()
    let commit = String(repeating: "a", count: 40)
    let cache = place.folder.file("hub/models--someone--my-mask2former")
    let snapshot = try place.write(Self.small, to: "hub/models--someone--my-mask2former/snapshots/\(commit)")
    try FileManager.default.createDirectory(
      at: cache.appendingPathComponent("refs"), withIntermediateDirectories: true)
    try Data(commit.utf8).write(to: cache.appendingPathComponent("refs/main"))
    try FileManager.default.createSymbolicLink(
      atPath: snapshot.appendingPathComponent("model.safetensors").path, withDestinationPath: "../../blobs/0")
    let name = name.map { ["--name", $0] } ?? []
    for folder in [cache, snapshot] {
      let result = try CrayonProcess.run(
        ["models", "import", folder.path] + name, environment: ["CRAYON_MODELS": place.models.path])
      #expect(result.status == 3, "\(result.errors)")
      #expect(result.errors.contains("is not whole: model.safetensors leads nowhere"), "\(result.errors)")
    }
    #expect(try place.run("verify", "my-mask2former").status != 0)
    #expect(!FileManager.default.fileExists(atPath: place.models.appendingPathComponent("my-mask2former").path))
  }

  @Test(arguments: ["", "deeper"])
  func aFolderWithNothingIsNotTaken(inside: String) throws {
    let place = try Place()
    let source = try place.write([], to: "source/" + inside).deletingLastPathComponent()
    let folder = inside.isEmpty ? place.folder.file("source") : source
    let result = try place.run("import", folder.path)
    #expect(result.status == 3 && result.errors.contains("holds no model: it has no file"), "\(result.errors)")
  }

  @Test func aFolderWithoutWeightsIsNotTaken() throws {
    let place = try Place()
    let result = try place.run("import", try place.write(Self.small, to: "source").path)
    #expect(result.status == 3 && result.errors.contains("holds no weights"), "\(result.errors)")
  }

  @Test func homeIsWhereTheEnvironmentSays() throws {
    let place = try Place()
    let home = place.folder.file("home")
    let result = try CrayonProcess.run(
      "models", "list", environment: ["HOME": home.path, "CRAYON_MODELS": "", "XDG_DATA_HOME": ""])
    #expect(result.output.hasPrefix(home.path + "/.local/share/crayon/models\n"), "\(result.output)")
  }

  /// Weights that nothing says how to use are no model, and neither are none.
  @Test(arguments: ["", "{}x", "<html>"])
  func aModelWithoutAConfigurationIsNotWhole(configuration: String) throws {
    let place = try Place()
    let folder = try place.write(["model.safetensors"], to: "models/mine")
    if !configuration.isEmpty {
      try Data(configuration.utf8).write(to: folder.appendingPathComponent("config.json"))
    }
    let result = try place.run("verify")
    #expect(result.status == 3 && result.errors.contains("config.json"), "\(result.output)")
  }

  @Test func weightsWithoutATensorAreNone() throws {
    let place = try Place()
    let folder = try place.write(["config.json"], to: "models/mine")
    try (Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8)).write(
      to: folder.appendingPathComponent("model.safetensors"))
    let result = try place.run("verify", "mine")
    #expect(result.status == 3 && result.errors.contains("holds no tensors"), "\(result.errors)")
  }

  /// One that is broken does not hide the others.
  @Test func everyModelIsLookedAt() throws {
    let place = try Place()
    let folder = try place.write(["config.json", "model.safetensors"], to: "models/whole")
    try FileManager.default.createSymbolicLink(
      atPath: folder.deletingLastPathComponent().appendingPathComponent("broken").path,
      withDestinationPath: "/nowhere")
    let result = try place.run("verify")
    #expect(
      result.status == 3 && result.output.contains("whole:") && result.errors.contains("broken"),
      "\(result.errors)")
  }
}
