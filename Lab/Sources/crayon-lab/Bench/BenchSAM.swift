import Annotation
import ArgumentParser
import Checkpoints
import Foundation
import Grounding
import Layers
import Tensors
import Terminal

struct BenchSAM: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sam", abstract: "Time a SAM: its image encoder on one picture, its mask decoder on one box.",
    discussion: """
      Example:
        crayon bench sam --model sam-vit-base
      """)

  @Option(help: "A folder in the published layout.", completion: .directory)
  var model: String

  @Option(
    help: "Pixels [3, side, side] under \"pixels\" in a safetensors file, instead of noise.",
    completion: .file())
  var input: String?

  @Option(help: "Write features, mask logits and scores to a safetensors file.", completion: .file())
  var output: String?

  @OptionGroup var precision: PrecisionOption
  @OptionGroup var timing: TimingOptions

  func run() throws {
    try ExitStatus.reporting {
      let loading = ProcessClock.now
      let sam = try precision.loading { try SAM(folder: URL(fileURLWithPath: model)) }
      let load = loading.seconds
      let side = sam.preprocessing.side
      let pixels = try BenchPixels(file: input, side: side).map
      let frame = sam.preprocessing.frame(width: side, height: side)
      let box = SAM.box(frame.pictureBounds, in: frame, side: side / 2)
      var features = pixels
      let encoder = timing.measure { features = sam.imageEncoder(pixels) }
      let seen = SAM.SeenPicture(features: features, frame: frame)
      var masks = sam.masks(SAMPrompt(box: box), on: seen)
      let decoder = timing.measure { masks = sam.masks(SAMPrompt(box: box), on: seen) }
      if let output {
        var writer = SafetensorsWriter()
        writer["features"] = .float32(features.values)
        writer["masks"] = .float32(masks.logits)
        writer["scores"] = .float32(Tensor(masks.scores, shape: [masks.scores.count]))
        try writer.write(to: URL(fileURLWithPath: output))
      }
      let report = Report(
        model: model, side: side, runs: timing.runs, encoder: encoder, decoder: decoder, load: load,
        peakMegabytes: Memory.peakMegabytes, threads: Parallel.processors,
        kernels: Bench.kernels(precision.precision))
      if timing.json { return try Console.json(report) }
      let figures = String(
        format: "encoder best %.3f s, decoder best %.1f ms, load %.2f s, peak %.0f MB", encoder.best,
        decoder.best * 1000, load, report.peakMegabytes)
      print("\(model) at \(side)×\(side): \(figures) (\(report.threads) threads, \(report.kernels))")
    }
  }

  private struct Report: Encodable {
    var model: String
    var side: Int
    var runs: Int
    var encoder: TimingOptions.Times
    var decoder: TimingOptions.Times
    var load: Double
    var peakMegabytes: Double
    var threads: Int
    var kernels: String
  }
}
