import Annotation
import ArgumentParser
import Checkpoints
import Foundation
import Grounding
import Layers
import Tensors
import Terminal
import Vision

struct BenchVision: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vision",
    abstract: "Time a CLIP vision tower on one picture; random weights unless a model is given.",
    discussion: """
      Example:
        crayon bench vision --side 490
      """)

  @Option(
    help: "A folder in the published layout (default: random weights of CLIP ViT-L/14).",
    completion: .directory)
  var model: String?

  @Option(help: "Of the square picture, in pixels.")
  var side = 490

  @Option(help: "The hidden state that is taken, counted as transformers does; with --model.")
  var layer = -1

  @Flag(help: "Random weights of 16 bits instead of 32.")
  var half = false

  @Option(
    help: "Pixels [3, side, side] under \"pixels\" in a safetensors file, instead of noise.",
    completion: .file())
  var input: String?

  @Option(help: "Write the features to a safetensors file.", completion: .file())
  var output: String?

  @OptionGroup var precision: PrecisionOption
  @OptionGroup var timing: TimingOptions

  func run() throws {
    try ExitStatus.reporting {
      let loading = ProcessClock.now
      let tower =
        try precision.loading {
          if let model {
            try CLIPVisionTower(folder: URL(fileURLWithPath: model), side: side, layer: layer)
          } else {
            try CLIPVisionTower(random: .largePatch14At336, side: side, format: half ? .f16 : .f32)
          }
        }
      let load = loading.seconds
      let pixels = try BenchPixels(file: input, side: side).map
      var features = pixels.values
      let times = timing.measure { features = tower(pixels) }
      if let output {
        var writer = SafetensorsWriter()
        writer["features"] = .float32(features)
        try writer.write(to: URL(fileURLWithPath: output))
      }
      let report = Report(
        model: model ?? "random ViT-L/14, \(half ? 16 : 32) bits", side: side, tokens: features.shape[0],
        runs: timing.runs, times: times, load: load,
        peakMegabytes: ProcessMemory.peakMegabytes, threads: Parallel.processors,
        kernels: Bench.kernels(precision.precision))
      if timing.json { return try Console.json(report) }
      let figures = String(
        format: "best %.3f s, median %.3f s, %.2f s of processors, load %.2f s, peak %.0f MB", times.best,
        times.median, times.processor, load, report.peakMegabytes)
      print("\(report.model) at \(side)×\(side): \(figures) (\(report.threads) threads, \(report.kernels))")
    }
  }

  private struct Report: Encodable {
    var model: String
    var side: Int
    var tokens: Int
    var runs: Int
    var times: TimingOptions.Times
    /// In seconds.
    var load: Double
    var peakMegabytes: Double
    var threads: Int
    var kernels: String
  }
}

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
      let canvas = MaskCanvas(features: features, frame: frame)
      var masks = sam.masks(SAMPrompt(box: box), on: canvas)
      let decoder = timing.measure { masks = sam.masks(SAMPrompt(box: box), on: canvas) }
      if let output {
        var writer = SafetensorsWriter()
        writer["features"] = .float32(features.values)
        writer["masks"] = .float32(masks.logits)
        writer["scores"] = .float32(Tensor(masks.scores, shape: [masks.scores.count]))
        try writer.write(to: URL(fileURLWithPath: output))
      }
      let report = Report(
        model: model, side: side, runs: timing.runs, encoder: encoder, decoder: decoder, load: load,
        peakMegabytes: ProcessMemory.peakMegabytes, threads: Parallel.processors,
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
