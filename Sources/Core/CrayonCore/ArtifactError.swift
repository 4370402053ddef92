import Foundation

/// Why a stage's stored result cannot be read.
public enum ArtifactError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case inconsistent(file: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .inconsistent(let file, let reason): "\(file) does not hold together: \(reason)"
    }
  }

  /// - Throws: ``unreadable(file:reason:)``
  static func decoding<Value: Decodable>(_ type: Value.Type, from file: URL) throws -> Value {
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ArtifactError.unreadable(file: file.path, reason: "there is no such file")
    }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw ArtifactError.unreadable(file: file.path, reason: "it is not the JSON of this artifact")
    }
  }
}
