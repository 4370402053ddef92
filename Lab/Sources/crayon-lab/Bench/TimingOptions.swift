import Annotation
import ArgumentParser

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
