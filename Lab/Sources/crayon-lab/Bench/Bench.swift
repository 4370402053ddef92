public import ArgumentParser
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
