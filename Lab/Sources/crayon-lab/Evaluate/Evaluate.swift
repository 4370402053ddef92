import ArgumentParser

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure results against the truth.",
    subcommands: [
      EvaluatePanoptic.self, EvaluateVQA.self, EvaluatePOPE.self, EvaluateCount.self, EvaluateREC.self,
      EvaluateRES.self, EvaluateRegionCaption.self, EvaluateC2B.self, EvaluateB2C.self,
    ])
}
