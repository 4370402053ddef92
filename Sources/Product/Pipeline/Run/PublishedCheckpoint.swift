import Checkpoints
import Foundation

/// A folder with a checkpoint as its authors publish it, which several stages have their weights in.
struct PublishedCheckpoint: Sendable {
  let folder: URL
  /// Counts what the stages take; whoever loads them all finishes it.
  let weights: WeightReader

  /// - Throws: ``PipelineError/missingFile(pipeline:stage:path:remedy:)`` or ``PipelineError/anotherModel(_:)``, or
  ///   `CheckpointError`
  init(folder: URL, of family: ModelFamily, stage: String, pipeline: String) throws {
    try Pipeline.require(folder.appendingPathComponent("config.json"), of: stage, in: pipeline)
    let checkpoint = try Checkpoint(folder: folder)
    try family.require(checkpoint, for: stage, of: pipeline)
    self.folder = folder
    weights = WeightReader(checkpoint)
  }

  /// - Parameter weights: a checkpoint that is known to be the right one
  init(folder: URL, _ weights: WeightReader) {
    self.folder = folder
    self.weights = weights
  }
}
