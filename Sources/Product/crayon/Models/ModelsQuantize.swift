import Annotation
import ArgumentParser
import AtomicFiles
import Checkpoints
import Foundation
import Language
import Pipeline
import Tensors
import Terminal

struct ModelsQuantize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Write a model anew with its language model's linear layers in 4 or 8 bits.",
    discussion: """
      Embeddings, heads, norms, low-rank pairs and vision towers stay as they are. nf4 is what transformers and
      bitsandbytes read too; q8 is ggml's Q8_0. The pipelines of 7B models take the folder NAME-nf4, else NAME-q8, before
      NAME, so that after this nothing else is to be done.

      Examples:
        crayon models quantize CoLLaVO-7B --nf4
        crayon models quantize some/folder another/folder --q8
      """)

  enum Format: String, EnumerableFlag {
    case nf4, q8

    static func help(for value: Format) -> ArgumentHelp? {
      switch value {
      case .nf4: "4 bits with double quantisation (default)."
      case .q8: "8 bits."
      }
    }

    var format: CheckpointQuantization.Format {
      switch self {
      case .nf4: .nf4
      case .q8: .q8
      }
    }
  }

  @Argument(
    help: "A model of the models folder, or a folder with config.json and weights.", completion: .directory)
  var model: String

  @Argument(help: "The folder to make (default: beside it, its name and the format's).", completion: .directory)
  var out: String?

  @Flag var format: Format = .nf4

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    try ExitStatus.reporting {
      let source = Self.folder(of: model)
      let target = out.map { URL(fileURLWithPath: $0) } ?? source.appendingToName("-" + format.rawValue)
      guard FileManager.default.fileExists(atPath: source.path) else {
        Console.message(
          "error: there is no model \(model), neither as a folder nor in \(ModelsFolder.url.path)")
        throw ExitStatus.wrongUsage
      }
      guard !FileManager.default.fileExists(atPath: target.path) else {
        Console.message("error: \(target.path) exists already")
        throw ExitStatus.wrongUsage
      }
      let names = Set(try Decoder.layerMatrices(in: source))
      let checkpoint = try Checkpoint(folder: source)
      let bytes = checkpoint.entries.reduce(0) { $0 + $1.range.count }
      let clock = ProcessClock.now
      let interruption = Interruption(saying: "\nstopping; nothing is written\n")
      try NewFolder.make(target) { part in
        let bar = ProgressBar(total: bytes, in: .bytes)
        defer { bar.finish() }
        try CheckpointQuantization.write(
          checkpoint, format.format, matrices: names, to: part.appendingPathComponent("model.safetensors")
        ) {
          bar.update(done: $0)
          try interruption.check()
        }
        try Self.copyDescriptions(from: source, to: part)
        try interruption.check()
      }
      let report = Report(
        folder: target.path, matrices: names.count, format: format.rawValue,
        megabytes: Double(bytes) / 1e6, seconds: clock.seconds,
        peakMegabytes: ProcessMemory.peakMegabytes)
      if json { return try Console.json(report) }
      print(
        "\(report.folder): \(report.matrices) matrices in \(report.format); "
          + String(
            format: "%.0f MB read in %.1f s, %.0f MB/s, peak %.0f MB", report.megabytes, report.seconds,
            report.megabytes / max(report.seconds, 0.001), report.peakMegabytes))
    }
  }

  /// A folder by its path, else by its name in the models folder.
  private static func folder(of name: String) -> URL {
    let path = URL(fileURLWithPath: name)
    let named = ModelsFolder.url.appendingPathComponent(name)
    return FileManager.default.fileExists(atPath: path.path) || name.contains("/") ? path : named
  }

  /// All that is no weights, and not what the weights came from.
  private static func copyDescriptions(from source: URL, to target: URL) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
    where WeightFormat(of: name) == nil && !name.hasSuffix(Checkpoint.indexSuffix) && !name.hasPrefix(".") {
      do {
        try FileManager.default.copyItem(
          at: source.appendingPathComponent(name).resolvingSymlinksInPath(),
          to: target.appendingPathComponent(name))
      } catch {
        throw OutputError(
          path: target.appendingPathComponent(name).path,
          reason: "\(source.appendingPathComponent(name).path) cannot be copied: \(SystemReason.of(error))")
      }
    }
  }

  private struct Report: Encodable {
    var folder: String
    var matrices: Int
    var format: String
    var megabytes: Double
    var seconds: Double
    var peakMegabytes: Double
  }
}

extension URL {
  fileprivate func appendingToName(_ suffix: String) -> URL {
    deletingLastPathComponent().appendingPathComponent(lastPathComponent + suffix)
  }
}
