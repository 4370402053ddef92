import ArgumentParser
import Tensors

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and memory.",
    subcommands: [
      BenchLanguage.self, BenchVision.self, BenchSAM.self, BenchSegment.self, BenchPictures.self,
    ])

  /// What a report says of the arithmetic that was measured.
  static var kernels: String { "\(KernelSet.inUse), OpenBLAS for \(BLAS.core)" }
}
