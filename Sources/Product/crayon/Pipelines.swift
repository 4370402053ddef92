import ArgumentParser
import Foundation
import Pipeline
import Terminal

struct Pipelines: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List pipelines, or check a pipeline's file.", subcommands: [List.self, Check.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The pipelines that are found, and where.")

    func run() throws {
      try ExitStatus.reporting {
        for file in PipelineLibrary.files() {
          let pipeline = try PipelineConfiguration(reading: file)
          print("\(pipeline.name): \(pipeline.description)\n    \(file.path)")
        }
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
        let loaded = try LoadedSegmenter(pipeline)
        if pipeline.answering != nil { _ = try Pipeline(pipeline, cache: nil) }
        print("\(pipeline.name) is complete: \(loaded.segmenter.categories.categories.count) categories")
      }
    }
  }
}
