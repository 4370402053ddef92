import Annotation
import ArgumentParser
import AtomicFiles
import Checkpoints
import Foundation
import Language
import Pipeline
import Tensors
import Terminal
import Tokenizers

struct BenchLanguage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "language",
    abstract: "Time a language model: loading, reading a prompt, writing, with and without adapters.",
    discussion: """
      The model is a GGUF file, or a folder as it is on the hub. Kernels can be chosen by CRAYON_KERNELS.

      Example:
        crayon bench language --question "What is the capital of France?"
      """)

  @Option(
    help: "A GGUF file, or a folder with config.json and weights.", completion: .file())
  var model = ModelsFolder.url.appendingPathComponent(ModelCatalogue.smolLM2.mainFile).path

  @Option(help: "Tokens of the prompt.")
  var prompt = 500

  @Option(help: "Tokens to write.")
  var tokens = 64

  @Option(help: "Threads (default: the number of processors).")
  var threads = Parallel.processors

  @Option(help: "Timed runs, after one that is not.")
  var runs = 3

  @Option(help: "The rank of random adapters on every linear layer; 0 for none.")
  var adapters = 16

  @Option(help: "Also answer this, with no adapters.")
  var question: String?

  @OptionGroup var precision: PrecisionOption

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    for (name, value, range) in [
      ("--prompt", prompt, 1...1 << 20), ("--tokens", tokens, 1...1 << 20), ("--runs", runs, 1...1000),
      ("--threads", threads, 1...1024), ("--adapters", adapters, 0...1024),
    ] where !range.contains(value) {
      throw ValidationError("\(name) is from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  func run() throws {
    try ExitStatus.reporting {
      try Parallel.$threads.withValue(threads) {
        let report = try measure()
        if json { try Console.json(report) } else { report.printTable() }
        if let question { try answer(question) }
      }
    }
  }

  private var isFile: Bool { WeightFormat(of: model) == .gguf }

  private func decoder() throws -> Decoder {
    let url = URL(fileURLWithPath: model)
    return try precision.loading { isFile ? try Decoder(GGUFFile(url)) : try Decoder(folder: url) }
  }

  private func measure() throws -> Report {
    _ = try decoder()
    let loading = ProcessClock.now
    let decoder = try decoder()
    let load = loading.seconds
    var report = Report(
      model: model, threads: threads, kernels: Bench.kernels(precision.precision), loadSeconds: load,
      promptTokens: prompt, tokens: tokens)
    let plain = try time(decoder, .none)
    (report.promptTokensPerSecond, report.tokensPerSecond) = plain
    report.peakMegabytes = ProcessMemory.peakMegabytes
    report.weightMegabytes = Double(decoder.weightBytes) / 1e6
    report.gigabytesPerSecond = plain.tokens * Double(decoder.bytesPerToken) / 1e9
    if adapters > 0 {
      let adapted = try precision.loading { try RandomAdapter(rank: adapters).attached(to: decoder) }
      report.adapterRank = adapters
      let gains = AdapterGains([RandomAdapter.name: 1])
      // The two are compared, so they take turns: a machine's pace changes from minute to minute.
      var both: [(plain: Double, adapted: Double)] = []
      for _ in 0..<runs {
        both.append((try time(adapted, .none, runs: 1).tokens, try time(adapted, gains, runs: 1).tokens))
      }
      let ratios = both.map { $0.adapted / $0.plain }.sorted()
      report.adaptedTokensPerSecond = both.map(\.adapted).max()
      report.adaptedRatio = ratios[ratios.count / 2]
    }
    return report
  }

  /// The best of some runs, in tokens a second.
  private func time(
    _ decoder: Decoder, _ gains: AdapterGains, runs: Int? = nil
  ) throws -> (prompt: Double, tokens: Double) {
    let input = (0..<prompt).map { 17 + $0 * 31 % (decoder.configuration.vocabulary - 17) }
    var best = (prompt: 0.0, tokens: 0.0)
    for _ in 0..<(runs ?? self.runs) + 1 {
      var generator = Generator(
        decoder, conditions: DecoderConditions(adapters: gains))
      let clock = ProcessClock.now
      let hidden = try generator.prefill(input).hidden
      best.prompt = max(best.prompt, Double(prompt) / clock.seconds)
      let writing = ProcessClock.now
      let made = try generator.generate(from: hidden, limit: tokens, stops: [])
      best.tokens = max(best.tokens, Double(made.tokens.count) / writing.seconds)
    }
    return best
  }

  private func answer(_ question: String) throws {
    guard isFile else { throw CleanExit.message("--question needs a GGUF file, which has its vocabulary.") }
    let language = try precision.loading {
      try LanguageModel(gguf: URL(fileURLWithPath: model), template: .smolLM2)
    }
    var generator = Generator(language.decoder)
    // What was printed goes out before what is written as it comes.
    fflush(nil)
    _ = try language.answer([ChatMessage(.user, question)], generator: &generator) { text in
      FileHandle.standardOutput.write(Data(text.utf8))
    }
    print("")
  }

  private struct Report: Encodable {
    var model: String
    var threads: Int
    var kernels: String
    var loadSeconds: Double
    var promptTokens: Int
    var tokens: Int
    var promptTokensPerSecond = 0.0
    var tokensPerSecond = 0.0
    /// Of weights that are read for a token, by the tokens a second.
    var gigabytesPerSecond = 0.0
    var weightMegabytes = 0.0
    var peakMegabytes = 0.0
    var adapterRank: Int?
    var adaptedTokensPerSecond: Double?
    /// Of the speed without them.
    var adaptedRatio: Double?

    func printTable() {
      print("\(model) (\(threads) threads, \(kernels))")
      print(String(format: "  load      %8.1f ms, with the file in the system's cache", loadSeconds * 1000))
      print(String(format: "  prompt    %8.1f tokens/s (%d tokens)", promptTokensPerSecond, promptTokens))
      print(
        String(
          format: "  writing   %8.1f tokens/s (%d tokens), %.1f GB/s of weights", tokensPerSecond, tokens,
          gigabytesPerSecond))
      print(
        String(
          format: "  peak      %8.1f MB resident, of %.1f MB of weights", peakMegabytes, weightMegabytes))
      if let adapterRank, let adaptedTokensPerSecond, let adaptedRatio {
        print(
          String(
            format: "  adapters  %8.1f tokens/s with rank %d on every linear, %.0f %% of the speed without",
            adaptedTokensPerSecond, adapterRank, adaptedRatio * 100))
      }
    }
  }
}

/// An adapter of random numbers on every linear layer, to time.
private struct RandomAdapter {
  static let name = "random"
  let rank: Int

  func attached(to decoder: Decoder) throws -> Decoder {
    let folder = try PassingFolder.make(for: "crayon-adapter")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("adapter.safetensors")
    var writer = SafetensorsWriter()
    var numbers = SystemRandomNumberGenerator()
    func random(_ shape: [Int]) -> SafetensorsWriter.Values {
      let count = shape.reduce(1, *)
      return .float16(
        Tensor((0..<count).map { _ in Float.random(in: -0.01...0.01, using: &numbers) }, shape: shape))
    }
    for module in decoder.linearModules {
      writer[module.name + ".lora_A.weight"] = random([rank, module.inputs])
      writer[module.name + ".lora_B.weight"] = random([module.outputs, rank])
    }
    try writer.write(to: file)
    return try decoder.attaching(adapter: Self.name, Checkpoint(file: file), prefix: "") { _ in 1 }
  }
}
