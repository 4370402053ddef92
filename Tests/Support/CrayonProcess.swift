public import Foundation

/// The built program, run as a person runs it.
public enum CrayonProcess {
  /// How a run ended, and what it wrote.
  public struct Result: Sendable {
    /// Negative: the number of the signal that ended it.
    public var status: Int32
    public var output: String
    public var errors: String

    public init(status: Int32, output: String, errors: String) {
      self.status = status
      self.output = output
      self.errors = errors
    }
  }

  /// Beside the test bundle.
  public static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("crayon")

  public static let repository = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()

  /// Starts the program in the repository's folder.
  public static func start(
    _ arguments: [String], program: URL = program, environment: [String: String] = [:],
    output: Any? = FileHandle.nullDevice,
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
  public static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try run(arguments, environment: environment)
  }

  /// Runs it to its end. What it says goes through files: a pipe that nobody reads stops the writer.
  public static func run(
    _ arguments: [String], program: URL = program, environment: [String: String] = [:]
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let files = [folder.file("output"), folder.file("errors")]
    let handles = try files.map { file in
      try Data().write(to: file)
      return try FileHandle(forWritingTo: file)
    }
    let process = try start(
      arguments, program: program, environment: environment, output: handles[0], errors: handles[1])
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: texts[0], errors: texts[1])
  }
}
