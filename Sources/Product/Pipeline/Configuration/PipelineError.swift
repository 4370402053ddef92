/// Why a pipeline cannot be used.
public enum PipelineError: Error, Equatable, CustomStringConvertible {
  case notFound(name: String, known: [String])
  case noWeightsYet(name: String)
  case unreadable(file: String)
  case notYAML(file: String, line: Int)
  case unknownKey(file: String, line: Int, key: String, known: [String])
  case missingKey(file: String, line: Int, key: String)
  case badValue(file: String, line: Int, key: String, value: String, expected: String)
  case missingWeights(pipeline: String, folder: String)
  case unknownClass(pipeline: String, name: String)
  case unknownModel(String, known: [String])
  case cannotAnswer(pipeline: String)
  case missingFile(pipeline: String, stage: String, path: String)
  case noSuchAdapter(pipeline: String, name: String)
  case cannotPoint(pipeline: String)
  case noSuchToken(pipeline: String, name: String)
  case noSegmenter(pipeline: String)
  case gridMismatch(pipeline: String, vision: Int, crayon: Int)

  public var description: String {
    switch self {
    case .notFound(let name, let known):
      "there is no pipeline \"\(name)\"; known are \(known.joined(separator: ", "))"
    case .noWeightsYet(let name):
      "the pipeline \"\(name)\" has no weights in this version; name another with --pipeline "
        + "(crayon pipelines list), or give maps with --panoptic"
    case .unreadable(let file): "\(file) cannot be read"
    case .notYAML(let file, let line): "\(file):\(line): this is not a YAML mapping"
    case .unknownKey(let file, let line, let key, let known):
      "\(file):\(line): unknown key \"\(key)\"; known here are \(known.joined(separator: ", "))"
    case .missingKey(let file, let line, let key): "\(file):\(line): the key \"\(key)\" is missing"
    case .badValue(let file, let line, let key, let value, let expected):
      "\(file):\(line): \"\(key)\" is \"\(value)\", but must be \(expected)"
    case .missingWeights(let pipeline, let folder):
      "the weights of the pipeline \"\(pipeline)\" are missing: download the model's files "
        + "(config.json, preprocessor_config.json, model.safetensors) into \(folder)"
    case .unknownModel(let name, let known):
      "there is no model \(name); known are \(known.joined(separator: ", "))"
    case .cannotAnswer(let pipeline):
      "the pipeline \"\(pipeline)\" only makes maps; name one that answers with --pipeline (crayon pipelines list)"
    case .missingFile(let pipeline, let stage, let path):
      "the \(stage) of the pipeline \"\(pipeline)\" is missing: there is no \(path) (crayon models list says how "
        + "models are had)"
    case .noSuchAdapter(let pipeline, let name):
      "the pipeline \"\(pipeline)\" has no adapter \"\(name)\" to switch"
    case .cannotPoint(let pipeline):
      "the pipeline \"\(pipeline)\" has no heads for boxes and masks, so regions mean nothing to it"
    case .noSegmenter(let pipeline):
      "the segmenter of the pipeline \"\(pipeline)\" was not loaded, and no map is given"
    case .noSuchToken(let pipeline, let name):
      "the language model of the pipeline \"\(pipeline)\" has no token \(name)"
    case .gridMismatch(let pipeline, let vision, let crayon):
      "the pipeline \"\(pipeline)\" lays a crayon grid of \(crayon)×\(crayon) over a vision tower's of "
        + "\(vision)×\(vision); they must be the same"
    case .unknownClass(let pipeline, let name):
      "the pipeline \"\(pipeline)\" wants the class \"\(name)\" fused, which its model does not know"
    }
  }
}
