import Annotation
import ArgumentParser
import Foundation
import Pipeline
import Serve
import Terminal

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Answer programs by OpenAI's API, and people by a page in their browser.",
    discussion: """
      POST /v1/chat/completions, GET /v1/models and POST /v1/annotations speak to programs (what they take: \
      /openapi.json), GET /metrics to a monitor. The page at / shows what the model sees; its map can be corrected \
      there, and the question asked again. With --folder it also shows the pictures that `crayon annotate` has done, \
      and saves corrections as edited maps. Ctrl-C ends it when the requests at work have been answered, or after ten \
      seconds.

      Examples:
        crayon serve
        crayon serve --pipeline pocket --pipeline pocket-scenes --folder annotations
        crayon serve --host 0.0.0.0 --api-key-file key.txt
      """)

  @Option(help: "The address to listen at.")
  var host = "127.0.0.1"

  @Option(help: "The port; 0 takes one that is free.")
  var port = 8080

  @Option(help: "A pipeline that can be asked: a name, or a YAML file. May be given several times.")
  var pipeline: [String] = []

  @Option(
    help: ArgumentHelp("A file with the key that requests have to bring.", valueName: "file"),
    completion: .file())
  var apiKeyFile: String?

  @Option(help: ArgumentHelp("The most requests that wait for the model.", valueName: "n"))
  var maxQueue = ServeLimits().queue

  @Option(help: ArgumentHelp("The most pixels of a picture.", valueName: "n"))
  var maxPixels = ServeLimits().pixels

  @Option(
    help: ArgumentHelp("A folder of `crayon annotate`'s to look through and correct.", valueName: "dir"),
    completion: .directory)
  var folder: String?

  @Option(
    help: ArgumentHelp("A further name by which browsers may know this server.", valueName: "name"))
  var allowHost: [String] = []

  @Flag(
    help: "Fetch pictures from public http(s) addresses, where a request has such; never from private ones.")
  var fetchPictures = false

  @Flag(help: "Listen beyond this machine without a key.")
  var insecure = false

  @Flag(help: "Do every stage's work anew, and keep nothing on the disk.")
  var noCache = false

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is from 0 to 65535.") }
    guard (1...100_000).contains(maxQueue) else { throw ValidationError("--max-queue is from 1 to 100000.") }
    guard (1...1 << 28).contains(maxPixels) else {
      throw ValidationError("--max-pixels is from 1 to \(1 << 28).")
    }
    guard !allowHost.contains(where: { $0.isEmpty || $0.contains(":") && !$0.hasPrefix("[") }) else {
      throw ValidationError("--allow-host is a name without a port.")
    }
    var options = CrayonServer.Options()
    options.host = host
    guard options.isLocal || apiKeyFile != nil || insecure else {
      throw ValidationError(
        "At --host \(host) others reach the server: give --api-key-file, or --insecure to let anybody use it.")
    }
  }

  func run() async throws {
    try await ExitStatus.reporting {
      var limits = ServeLimits()
      (limits.queue, limits.pixels) = (maxQueue, maxPixels)
      var options = CrayonServer.Options()
      (options.host, options.port, options.names) = (host, port, allowHost)
      options.fetchesPictures = fetchPictures
      options.key = try apiKeyFile.map(Self.key)
      let annotated = try folder.map { try AnnotationFolder(annotatedAt: URL(fileURLWithPath: $0)) }
      var pipelines: [Pipeline] = []
      for name in pipeline.isEmpty ? [PipelineLibrary.defaultName] : pipeline {
        let configuration = try PipelineLibrary.pipeline(name)
        guard !pipelines.contains(where: { $0.configuration.name == configuration.name }) else { continue }
        if let notice = configuration.notice { Console.message("note: \(notice)") }
        let opened = try Pipeline(
          configuration, cache: noCache ? nil : .standard, mostPixels: limits.pixels)
        // Here, so that no request waits for it or meets bad weights.
        try opened.load()
        pipelines.append(opened)
      }
      let server = CrayonServer(pipelines, folder: annotated, options: options, limits: limits) {
        Console.message($0)
      }
      let shown = host.contains(":") ? "[\(host)]" : host
      try await server.run { port in Console.message("listening at http://\(shown):\(port)/ (Ctrl-C ends)") }
    }
  }

  /// - Throws: `ServeKeyError`
  private static func key(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 4096,
      let text = String(data: data, encoding: .utf8)
    else { throw ServeKeyError.unreadable(path) }
    let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard key.utf8.count >= 8, key.utf8.allSatisfy({ (33...126).contains($0) }) else {
      throw ServeKeyError.unfit(path)
    }
    return key
  }
}

/// Why a file of a key is of no use.
enum ServeKeyError: EndingProgram, CustomStringConvertible {
  case unreadable(String)
  case unfit(String)

  var exitStatus: ExitCode { ExitStatus.wrongUsage }

  var description: String {
    switch self {
    case .unreadable(let path): "the key's file \(path) cannot be read, or is no short text"
    case .unfit(let path): "the key in \(path) has to be 8 or more visible ASCII characters on one line"
    }
  }
}
