import ArgumentParser

@main
struct Crayon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crayon",
    abstract: "Answers questions about pictures, and paints them with panoptic maps.",
    discussion: """
      Answers and data go to standard output, progress and messages to standard error.
      Exit status: 0 done, 1 some inputs failed, 3 a model is missing or bad, 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [
      Ask.self, Chat.self, Inspect.self, Annotate.self, Export.self, Import.self, ServeCommand.self,
      EvaluateCommand.self, SynthCommand.self, Pipelines.self, Models.self, DriftCommand.self,
      BenchCommand.self,
    ])
}
