public import ArgumentParser
import Foundation
public import Questions
public import Scenes
public import Terminal

/// The laboratory's program. `crayon eval …` and the like replace themselves by it, and then it goes by that name.
@main
struct CrayonLab: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: calledName,
    abstract: "Makes pictures with known truth, and measures answers, maps, speed and drift.",
    discussion: """
      Answers and data go to standard output, progress and messages to standard error.
      Exit status: 0 done, 1 some inputs failed, 3 a model is missing or bad, 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [Evaluate.self, Synth.self, DriftCommand.self, Bench.self])

  /// By which help and sentences name the program.
  private static var calledName: String {
    let word = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent }
    return word == "crayon" ? "crayon" : "crayon-lab"
  }
}

extension LayoutError: EndingProgram {
  public var exitStatus: ExitCode { ExitStatus.wrongUsage }
}

extension SceneError: EndingProgram {
  public var exitStatus: ExitCode { ExitStatus.wrongUsage }
}

extension SynthesisError: EndingProgram {
  public var exitStatus: ExitCode {
    switch self {
    case .badCount, .crossesIntoEvaluation, .notEmpty, .anotherRun: ExitStatus.wrongUsage
    case .cannotWrite: ExitStatus.someFailed
    }
  }
}
