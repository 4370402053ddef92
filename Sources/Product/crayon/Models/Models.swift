public import ArgumentParser
public import Hub
public import Terminal

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The models folder: what is there, how it is had, and whether it is whole.",
    discussion: "It is $CRAYON_MODELS, else ~/.local/share/crayon/models.",
    subcommands: [
      ModelsList.self, ModelsCheck.self, ModelsPull.self, ModelsImport.self, ModelsQuantize.self,
      ModelsVerify.self,
    ])
}

extension HubError: EndingProgram {
  /// Wrong usage where the address or the repository that was named is none, else a model that is not to be had.
  public var exitStatus: ExitCode {
    switch self {
    case .badEndpoint, .badRepository, .noRevision, .anotherRepository: ExitStatus.wrongUsage
    default: ExitStatus.badModel
    }
  }
}
