/// Why a JSON file of a published model's folder does not describe a model that can be run.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case missingKey(file: String, key: String)
  case wrongType(file: String, key: String)
  case badValue(file: String, key: String, value: String)
  case unsupported(file: String, key: String, value: String, supported: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file) cannot be read as a model's configuration: \(reason)"
    case .missingKey(let file, let key):
      "\(file) lacks the key \"\(key)\""
    case .wrongType(let file, let key):
      "\(file): the value of \"\(key)\" has the wrong type"
    case .badValue(let file, let key, let value):
      "\(file): \"\(key)\" is \(value), which is out of range or does not fit the other sizes"
    case .unsupported(let file, let key, let value, let supported):
      "\(file): \"\(key)\" is \(value), but only \(supported) is supported"
    }
  }
}
