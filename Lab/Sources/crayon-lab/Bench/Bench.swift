import Annotation
public import ArgumentParser
import Checkpoints
import Foundation
import Layers
public import Tensors

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and memory.",
    subcommands: [
      BenchLanguage.self, BenchVision.self, BenchSAM.self, BenchSegment.self, BenchPictures.self,
      BenchProducts.self,
    ])

  /// What a report says of the arithmetic that was measured.
  static func kernels(_ precision: Precision) -> String {
    let refusals = OneDNN.refusals
    return "\(KernelSet.inUse), \(precision.inWords)"
      + (refusals > 0 ? ", \(refusals) shapes that oneDNN refused by OpenBLAS" : "")
  }
}

/// `--precision`, for models that are measured.
struct PrecisionOption: ParsableArguments {
  @Option(help: "float32, bfloat16 or auto: how exactly matrices are multiplied.")
  var precision = Precision.auto

  /// Loads models of that precision.
  func loading<Result>(_ load: () throws -> Result) rethrows -> Result {
    try Precision.$current.withValue(precision, operation: load)
  }
}

extension Precision: @retroactive ExpressibleByArgument {}

/// How often something is timed, and how the figures are printed.
struct TimingOptions: ParsableArguments {
  @Option(help: "Timed runs, after one that is not.")
  var runs = 3

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    if !(1...1000).contains(runs) { throw ValidationError("--runs is from 1 to 1000.") }
  }

  /// Does the work once more often than it is timed.
  func measure(_ work: () throws -> Void) rethrows -> Times {
    try work()
    var processor = Double.infinity
    let seconds = try (0..<runs).map { _ in
      let clock = ProcessClock.now
      try work()
      processor = min(processor, clock.processorSeconds)
      return clock.seconds
    }.sorted()
    return Times(best: seconds[0], median: seconds[seconds.count / 2], processor: processor)
  }

  /// In seconds.
  struct Times: Encodable {
    var best: Double
    var median: Double
    /// Of all processors together, the least of the runs: steadier than time on a machine that others use.
    var processor: Double
  }
}

/// The square picture that an image encoder is timed on.
struct BenchPixels {
  /// `side` × `side`, 3 channels.
  let map: FeatureMap

  /// - Parameters:
  ///   - file: safetensors with `pixels` [3, side, side]; nil for noise
  ///   - side: in pixels
  /// - Throws: `CheckpointError`
  init(file: String?, side: Int) throws {
    let values: [Float]
    if let file {
      let weights = WeightReader(try Checkpoint(file: URL(fileURLWithPath: file)))
      let planes = try weights.tensor("pixels", shape: [3, side, side]).values
      values = (0..<side * side * 3).map { planes[$0 % 3 * side * side + $0 / 3] }
    } else {
      values = (0..<side * side * 3).map { Float(($0 &* 7919) % 1000) / 250 - 2 }
    }
    map = FeatureMap(height: side, width: side, values: Tensor(values, shape: [side * side, 3]))
  }
}
