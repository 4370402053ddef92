import Foundation

/// Why a file could not be written.
public struct AtomicFileError: Error, Equatable, CustomStringConvertible {
  public enum Step: String, Sendable {
    case create, read, write, sync, rename
  }

  public let path: String
  public let step: Step
  /// The system's `errno`.
  public let code: Int32

  public var description: String {
    "\(path) cannot be written: \(String(cString: strerror(code))) (while trying to \(step.rawValue) it)"
  }
}
