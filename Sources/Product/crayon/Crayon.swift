import ArgumentParser

@main
struct Crayon: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crayon",
    abstract: "Paints pictures with panoptic maps: every pixel belongs to an object or to a kind of stuff.",
    discussion: """
      Answers and data go to standard output, progress and messages to standard error.
      Exit status: 0 done, 1 some inputs failed, 3 a model is missing or bad, 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [Annotate.self, Synth.self, Evaluate.self, Pipelines.self, Models.self, Bench.self])
}
