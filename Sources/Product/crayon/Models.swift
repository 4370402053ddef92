import ArgumentParser
import Checkpoints
import Foundation
import Language
import Pipeline

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The models folder: what is there, and whether it is whole.",
    discussion: "It is $CRAYON_MODELS, else ~/.local/share/crayon/models.",
    subcommands: [List.self, Verify.self, Quantize.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The models that crayon knows, and which of them are there.",
      discussion: "Example:\n  crayon models list")

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
      try ExitStatus.reporting {
        let folder = ModelsFolder.url
        let rows = ModelCatalogue.all.map { Row($0, in: folder) }
        if json { return try Console.json(["models": rows]) }
        print(folder.path)
        for row in rows { print("  \(row.name): \(row.state)\n    \(row.description); \(row.source)") }
      }
    }

    private struct Row: Encodable {
      var name: String
      var description: String
      var state: String
      var source: String
      var megabytes: Double?

      init(_ entry: ModelCatalogue.Entry, in folder: URL) {
        name = entry.name
        description = entry.description
        source = entry.source
        switch entry.state(in: folder) {
        case .absent: state = "not there"
        case .incomplete(let missing): state = "incomplete, lacks \(missing.joined(separator: ", "))"
        case .present(let bytes):
          megabytes = Double(bytes) / 1e6
          state = String(format: "there, %.1f MB", Double(bytes) / 1e6)
        }
      }
    }
  }

  struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a decoder's folder anew with its linear layers in nf4.",
      discussion: """
        Embeddings, heads and norms stay as they are. The result is a folder that crayon reads, and so do
        transformers and bitsandbytes.

        Example:
          crayon models quantize internlm2-chat-7b internlm2-chat-7b-nf4
        """)

    @Argument(help: "A folder with config.json and weights.", completion: .directory)
    var folder: String

    @Argument(help: "The folder to make.", completion: .directory)
    var out: String

    func run() throws {
      try ExitStatus.reporting {
        let (source, target) = (URL(fileURLWithPath: folder), URL(fileURLWithPath: out))
        let names = Set(try Decoder.layerMatrices(in: source))
        guard !FileManager.default.fileExists(atPath: target.path) else {
          Console.message("error: \(target.path) exists already")
          throw ExitStatus.wrongUsage
        }
        // Made beside under another name, so that a folder of this name is whole.
        let part = target.deletingLastPathComponent()
          .appendingPathComponent(".\(target.lastPathComponent).part")
        try? FileManager.default.removeItem(at: part)
        try FileManager.default.createDirectory(at: part, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: part) }
        try CheckpointQuantization.write(
          try Checkpoint(folder: source), nf4: names, to: part.appendingPathComponent("model.safetensors"))
        let weights = [".safetensors", ".bin", ".index.json"]
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
        where !weights.contains(where: name.hasSuffix) {
          try FileManager.default.copyItem(
            at: source.appendingPathComponent(name), to: part.appendingPathComponent(name))
        }
        try FileManager.default.moveItem(at: part, to: target)
        print("\(target.path): \(names.count) matrices in nf4")
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the files of models that are there: all present, known bytes unchanged.",
      discussion:
        "Exit status 3 where one is missing or damaged.\n\nExample:\n  crayon models verify SmolLM2-135M-Instruct"
    )

    @Argument(help: "Names of models (default: all that are there).")
    var names: [String] = []

    func run() throws {
      try ExitStatus.reporting {
        let folder = ModelsFolder.url
        var isBad = false
        for name in names where !ModelCatalogue.all.contains(where: { $0.name == name }) {
          throw PipelineError.unknownModel(name, known: ModelCatalogue.all.map(\.name))
        }
        for entry in ModelCatalogue.all where names.isEmpty || names.contains(entry.name) {
          switch entry.state(in: folder) {
          case .absent:
            guard !names.isEmpty else { continue }
            Console.message("error: \(entry.name) is not in \(folder.path): \(entry.source)")
            isBad = true
          case .incomplete(let missing):
            Console.message(
              "error: \(entry.name) lacks \(missing.joined(separator: ", ")): \(entry.source)")
            isBad = true
          case .present:
            let damaged = try entry.damagedFiles(in: folder)
            if damaged.isEmpty {
              print("\(entry.name): \(entry.digests.isEmpty ? "all files are there" : "whole, by SHA-256")")
            } else {
              let files = damaged.joined(separator: ", ")
              Console.message("error: \(files) of \(entry.name) is damaged; delete it, then: \(entry.source)")
              isBad = true
            }
          }
        }
        if isBad { throw ExitStatus.badModel }
      }
    }
  }
}
