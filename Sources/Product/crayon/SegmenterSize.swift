import ArgumentParser
import Panoptic
import Pipeline

/// What `--size` says of a pipeline's segmenter.
enum SegmenterSize {
  static func validate(_ side: Int?) throws {
    guard let side, !PanopticDetectorConfiguration.isSide(side) else { return }
    throw ValidationError("--size is a multiple of 128 from 128 to 2048.")
  }

  /// - Throws: `ExitStatus.wrongUsage`, with a sentence, where the segmenter is of another kind
  static func apply(_ side: Int?, to pipeline: PipelineConfiguration) throws -> PipelineConfiguration {
    guard let side else { return pipeline }
    guard let sized = pipeline.segmenting(atSide: side) else {
      Console.message(
        "error: --size is for segmenters of the kind crayon-panoptic, not for that of \(pipeline.name)")
      throw ExitStatus.wrongUsage
    }
    return sized
  }
}
