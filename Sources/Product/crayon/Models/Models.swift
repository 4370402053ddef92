import ArgumentParser

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The models folder: what is there, how it is had, and whether it is whole.",
    discussion: "It is $CRAYON_MODELS, else ~/.local/share/crayon/models.",
    subcommands: [
      ModelsList.self, ModelsCheck.self, ModelsPull.self, ModelsImport.self, ModelsQuantize.self,
      ModelsVerify.self,
    ])
}
