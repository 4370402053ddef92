import ArgumentParser
import Foundation
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A command of the laboratory's program, crayon-lab, under its name here: the arguments are passed on as they are, help
/// and all. crayon-lab is built beside this program and is no part of it.
protocol LabCommand: ParsableCommand {
  var arguments: [String] { get }
}

extension LabCommand {
  /// Replaces this process by crayon-lab, which then has its standard streams, its place in a pipe and its exit status.
  func run() throws {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let program = own.deletingLastPathComponent().appendingPathComponent("crayon-lab").path
    // The name that crayon-lab is called by is the one that its help shows.
    let words = [Self.shownName, Self._commandName] + arguments
    var pointers = words.map { strdup($0) } + [nil]
    execv(program, &pointers)
    // What comes back from execv has failed.
    let reason = errno
    for pointer in pointers { free(pointer) }
    if reason == ENOENT {
      Console.message(
        "error: \(Self._commandName) is a command of crayon-lab, which is not there (\(program)); "
          + "`make build` in a checkout of crayon builds both")
    } else {
      Console.message("error: \(program) cannot be started: \(String(cString: strerror(reason)))")
    }
    throw ExitStatus.badModel
  }

  private static var shownName: String { "crayon" }
}

struct EvaluateCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure results against the truth.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct SynthCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth", abstract: "Make pictures with exact panoptic maps, questions and true answers.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct DriftCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "Measure how far a variant of a pipeline is from another, stage by stage.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct BenchCommand: LabCommand {
  static let configuration = CommandConfiguration(commandName: "bench", abstract: "Measure speed and memory.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}
