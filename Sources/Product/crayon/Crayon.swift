import ArgumentParser
import CrayonCore
import Foundation
import Panoptic
import Pipeline
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@main
struct Crayon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crayon",
    abstract: "Answers questions about pictures, and paints them with panoptic maps.",
    discussion: """
      Answers and data go to standard output, progress and messages to standard error.
      Exit status: 0 done, 1 some inputs failed, 3 a model is missing or bad, 64 wrong usage, 130 stopped by Ctrl-C.
      """,
    version: "0.1.0",
    subcommands: [
      Ask.self, Chat.self, Inspect.self, Annotate.self, Export.self, Import.self, ServeCommand.self,
      EvaluateCommand.self, SynthCommand.self, Pipelines.self, Models.self, DriftCommand.self,
      BenchCommand.self,
    ])
}

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
    let words = ["crayon", Self._commandName] + arguments
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
}

struct EvaluateCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure results against the truth.",
    discussion: "crayon eval --help lists what it measures.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct SynthCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth", abstract: "Make pictures with exact panoptic maps, questions and true answers.",
    discussion: "crayon synth --help lists its options.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct DriftCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "Measure how far a variant of a pipeline is from another, stage by stage.",
    discussion: "crayon drift --help lists its options.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct BenchCommand: LabCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure speed and memory.",
    discussion: "crayon bench --help lists what it measures.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
}

struct Pipelines: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List pipelines, or check a pipeline's file.", subcommands: [List.self, Check.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The pipelines that are found, and where.")

    func run() throws {
      try ExitStatus.reporting {
        var fault: ExitCode?
        for file in PipelineLibrary.files() {
          do {
            let pipeline = try PipelineConfiguration(reading: file)
            print("\(pipeline.name): \(pipeline.description)\n    \(file.path)")
          } catch {
            Console.message("error: \(error)")
            fault = ExitStatus.status(of: error)
          }
        }
        if let fault { throw fault }
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a pipeline's file and load what it names.",
      discussion: "Example:\n  crayon pipelines check Pipelines/untrained.yaml")

    @Argument(help: "A YAML file, or the name of a pipeline.", completion: .file(extensions: ["yaml"]))
    var file: String

    func run() throws {
      try ExitStatus.reporting {
        let pipeline = try PipelineLibrary.pipeline(file)
        let network = try Pipeline.loadAll(of: pipeline)
        print("\(pipeline.name) is complete: \(network.categories.categories.count) categories")
      }
    }
  }
}
