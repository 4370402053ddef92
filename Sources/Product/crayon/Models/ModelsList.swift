import ArgumentParser
import Pipeline
import Terminal

struct ModelsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The models that crayon knows, and which of them are there.",
    discussion: "Example:\n  crayon models list")

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    try ExitStatus.reporting {
      let folder = ModelsFolder.url
      let rows = ModelCatalogue.all.map { Row($0) }
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

    init(_ entry: ModelCatalogue.Entry) {
      name = entry.name
      description = entry.description
      source = entry.source.command(for: entry.name)
      switch entry.state(in: ModelsFolder.url) {
      case .absent: state = "not there"
      case .incomplete(let missing): state = "incomplete, lacks \(missing.joined(separator: ", "))"
      case .present(let bytes):
        megabytes = Double(bytes) / 1e6
        state = "there, \(Console.bytes(bytes))"
      }
    }
  }
}
