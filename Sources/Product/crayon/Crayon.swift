import ArgumentParser

@main
struct Crayon: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crayon",
    abstract: "Answers questions about pictures with object-level understanding.")
}
