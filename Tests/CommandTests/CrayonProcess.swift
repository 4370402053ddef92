import Foundation
import TestSupport

/// The built program, run as a person runs it.
struct CrayonProcess {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Beside the test bundle.
  static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("crayon")

  static let repository = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()

  /// Starts the program in the repository's folder.
  static func start(
    _ arguments: [String], environment: [String: String] = [:], output: Any? = FileHandle.nullDevice,
    errors: Any? = FileHandle.nullDevice
  ) throws -> Process {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = repository
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return process
  }

  /// Runs it to its end.
  static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try run(arguments, environment: environment)
  }

  /// Runs it to its end. What it says goes through files: a pipe that nobody reads stops the writer.
  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    let folder = try TemporaryFolder()
    let files = [folder.file("output"), folder.file("errors")]
    let handles = try files.map { file in
      try Data().write(to: file)
      return try FileHandle(forWritingTo: file)
    }
    let process = try start(
      arguments, environment: environment, output: handles[0], errors: handles[1])
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: texts[0], errors: texts[1])
  }
}
