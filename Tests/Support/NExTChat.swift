public import Checkpoints
public import Foundation

/// A tiny random NExT-Chat in the authors' layout (Tests/Reference/nextchat.py).
public enum NExTChat {
  public static let folder = Fixtures.folder.appendingPathComponent("NExTChat")

  public static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// `Pipelines/nextchat-7b.yaml` itself, with the sizes of this checkpoint.
  /// - Parameter model: another checkpoint of the same layout
  /// - Returns: the file
  public static func pipeline(in folder: borrowing TemporaryFolder, model: URL = NExTChat.folder) throws -> URL
  {
    let shipped = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Pipelines/nextchat-7b.yaml")
    var text = try String(contentsOf: shipped, encoding: .utf8)
    let changes = [
      ("models:mask2former-swin-large-coco-panoptic", Fixtures.folder.path + "/2-Panoptic/mask2former-large"),
      (
        "models:clip-vit-large-patch14-336-config/config.json",
        Fixtures.folder.path + "/NExTChat/vision/config.json"
      ),
      (
        "[models:nextchat-7b-336-nf4, models:nextchat-7b-336-q8, models:nextchat-7b-336]",
        model.path
      ),
      ("grid: 24", "grid: 3"), ("size: 336", "size: 42"),
    ]
    for (old, new) in changes {
      guard text.contains(old) else { throw CocoaError(.fileReadCorruptFile) }
      text = text.replacingOccurrences(of: old, with: new)
    }
    try Data(text.utf8).write(to: folder.file("nextchat-7b.yaml"))
    return folder.file("nextchat-7b.yaml")
  }

  /// A copy of the checkpoint in one file, some of it changed.
  public static func copy(to folder: URL, _ change: (inout SafetensorsWriter, Checkpoint) throws -> Void) throws
  {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: Self.folder.path) where !name.contains("pytorch_model") {
      try files.copyItem(at: file(name), to: folder.appendingPathComponent(name))
    }
    let checkpoint = try Checkpoint(folder: Self.folder)
    var writer = SafetensorsWriter()
    for entry in checkpoint.entries { writer[entry.name] = .stored(entry) }
    try change(&writer, checkpoint)
    try writer.write(to: folder.appendingPathComponent("model.safetensors"))
  }
}
