/// Why pictures with questions cannot be made.
public enum SynthesisError: Error, Equatable, CustomStringConvertible {
  case badCount(Int)
  case crossesIntoEvaluation(seed: UInt64, count: Int)
  case notEmpty(folder: String)
  case anotherRun(folder: String)
  case cannotWrite(folder: String, reason: String)

  public var description: String {
    switch self {
    case .badCount(let count):
      "\(count) pictures cannot be made; ask for 1 to 10000000, from a seed up to 2^40"
    case .crossesIntoEvaluation(let seed, let count):
      "\(count) pictures from seed \(seed) on would reach into the seeds from "
        + "\(QuestionGenerator.firstEvaluationSeed) on, which are kept for evaluation"
    case .notEmpty(let folder): "\(folder) is not empty; name a new folder"
    case .anotherRun(let folder):
      "\(folder) holds another run, of other settings; name a new folder, or repeat those settings to go on"
    case .cannotWrite(let folder, let reason): "nothing can be written to \(folder): \(reason)"
    }
  }
}
