/// Why a checkpoint cannot be used. Every case carries the file and the facts; the sentence is made here.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  case cannotOpen(file: String, reason: String)
  case notAFile(file: String)
  case nothingToLoad(folder: String)
  case damaged(file: String, what: String)
  case forbiddenImport(file: String, name: String)
  case missingTensor(file: String, name: String)
  case unexpectedTensors(file: String, names: [String])
  case wrongShape(file: String, name: String, expected: [Int], got: [Int])
  case notFloatingPoint(file: String, name: String, type: String)
  case notFinite(file: String, name: String)

  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason):
      "\(file) cannot be opened: \(reason)"
    case .notAFile(let file):
      "\(file) is not a regular file"
    case .nothingToLoad(let folder):
      "\(folder) holds no weights: neither model.safetensors nor pytorch_model.bin, whole or in parts "
        + "with an index.json"
    case .damaged(let file, let what):
      "\(file) is damaged or not a checkpoint: \(what)"
    case .forbiddenImport(let file, let name):
      "\(file) tries to import \(name); only tensors are read, so the file is refused"
    case .missingTensor(let file, let name):
      "\(file) lacks the tensor \(name); is it the checkpoint of another model?"
    case .unexpectedTensors(let file, let names):
      "\(file) has \(names.count) tensors that the model does not know, such as "
        + names.prefix(3).joined(separator: ", ")
    case .wrongShape(let file, let name, let expected, let got):
      "\(file): the tensor \(name) has the shape \(got) where the configuration asks for \(expected)"
    case .notFloatingPoint(let file, let name, let type):
      "\(file): the tensor \(name) holds \(type) where floating-point numbers are expected"
    case .notFinite(let file, let name):
      "\(file): the tensor \(name) holds values that are not finite numbers; the file is damaged"
    }
  }
}
