public import Foundation

/// One step of the way of the data: a value that is complete once it exists, with one throwing function
/// from a concrete input to a concrete output.
///
/// A stage that needs weights has loaded and checked them by the time its initialiser returns, so `run`
/// fails only because of its input. Stages never import each other; what passes between them is in this
/// module.
public protocol Stage<Input, Output>: Sendable {
  associatedtype Input
  associatedtype Output: Artifact

  /// Does the step.
  /// - Throws: the stage's own error type, whose description is a sentence that a person can act on.
  func run(_ input: Input) throws -> Output
}

/// The output of a stage: a value that can be written to a folder, inspected there, and read back equal.
public protocol Artifact: Sendable {
  /// The names of the files that ``write(to:)`` makes, as they sort in a listing ("2-panoptic.png").
  static var fileNames: [String] { get }

  /// Writes the artifact's files into an existing folder; each file appears whole or not at all.
  func write(to folder: URL) throws

  /// Reads back what ``write(to:)`` wrote, checking it as strictly as any foreign file.
  init(readingFrom folder: URL) throws
}

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
  package static func decoding<Value: Decodable>(_ type: Value.Type, from file: URL) throws -> Value {
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

// Whoever writes values of this module writes files, so the one way of writing them comes along.
@_exported public import AtomicFiles
