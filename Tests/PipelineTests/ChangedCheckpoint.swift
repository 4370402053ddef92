import Checkpoints
import Foundation
import TestSupport

/// What comes of loading a checkpoint with other tensors: "accepted", or the error's sentence with `DIR` for the folder.
func outcome(
  ofChanging checkpoint: URL, _ change: (inout SafetensorsWriter) -> Void, load: (URL) throws -> Void
) throws -> String {
  let folder = try TemporaryFolder()
  var writer = SafetensorsWriter()
  for entry in try Checkpoint(folder: checkpoint).entries { writer[entry.name] = .stored(entry) }
  change(&writer)
  try writer.write(to: folder.file("model.safetensors"))
  do {
    try load(folder.url)
    return "accepted"
  } catch {
    return "\(error)".replacingOccurrences(of: folder.url.path, with: "DIR")
  }
}
