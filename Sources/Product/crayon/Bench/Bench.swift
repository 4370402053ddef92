import ArgumentParser

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and memory.",
    subcommands: [
      BenchLanguage.self, BenchVision.self, BenchSAM.self, BenchSegment.self, BenchPictures.self,
    ])
}
