import ArgumentParser
import CrayonCore
import Foundation
import Questions
import Scenes
import Tensors
import Terminal

struct Synth: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make pictures with exact panoptic maps, questions and true answers.",
    discussion: """
      Renders scenes: DIR/images/NNNNNN.png, their maps DIR/panoptic.json and DIR/panoptic/NNNNNN.png in the COCO
      panoptic format, and DIR/questions.jsonl. With --layouts, maps without pictures.
      Files depend on the seed and the settings only; a run that was stopped goes on where it was. Seeds from
      1000000 on are for evaluation: they use wordings that training never sees.

      Examples:
        crayon synth --count 1000 --seed 1 --out scenes
        crayon synth --layouts --count 20000 --seed 1 --out layouts
        crayon synth --maps panoptic.json --maps-dir panoptic/ --seed 1000000 --out photograph-questions
      """)

  @Option(help: "How many to make.")
  var count: Int?

  @Option(help: "The first one's seed; the others count on from it.")
  var seed: UInt64 = 1

  @Option(help: "A new folder, or one that holds a part of the same run.", completion: .directory)
  var out: String

  @Flag(help: "Make random maps over all 133 categories, without pictures.")
  var layouts = false

  @Option(help: "Width and height in pixels.")
  var size = MapSize(width: 256, height: 256)

  @Option(help: "Questions a picture.")
  var questions = 10

  @Option(
    help: "Ask about the maps of this COCO panoptic file instead of making any.",
    completion: .file(extensions: ["json"]))
  var maps: String?

  @Option(help: "The folder of its PNGs.", completion: .directory)
  var mapsDir: String?

  @Option(help: "Pictures at work at once (default: the number of processors).")
  var jobs: Int?

  @Flag(help: "Print the summary as a JSON object.")
  var json = false

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is from 1 to 1024.") }
    guard (0...1000).contains(questions) else { throw ValidationError("--questions is from 0 to 1000.") }
    if maps != nil {
      guard mapsDir != nil else { throw ValidationError("--maps needs --maps-dir.") }
      guard count == nil, !layouts else { throw ValidationError("--maps makes no maps: leave --count out.") }
    } else {
      guard mapsDir == nil else { throw ValidationError("--maps-dir needs --maps.") }
      guard count != nil else { throw ValidationError("Say how many to make: --count.") }
    }
  }

  func run() throws {
    try ExitStatus.reporting {
      if let maps, let mapsDir { try askAbout(maps, in: mapsDir) } else { try make() }
    }
  }

  private func make() throws {
    let plan = try SynthesisPlan(
      kind: layouts ? .layouts : .scenes, width: size.width, height: size.height, seed: seed, count: count ?? 0,
      questions: questions)
    let maker = try PictureMaker(plan)
    let folder = try SynthesisFolder(opening: URL(fileURLWithPath: out), for: plan)
    let synthesis = Synthesis(plan, into: folder) { try maker.picture(seed: $0) }
    let interruption = Interruption()
    let bar = ProgressBar(total: plan.count)
    let began = Date()
    let summary = try synthesis.run(
      jobs: jobs ?? Parallel.processors, isStopped: { interruption.isRequested },
      report: { bar.update(done: $0.made + $0.kept, kept: $0.kept, failed: 0) })
    bar.finish()
    try report(summary, seconds: Date().timeIntervalSince(began), folder: folder)
    try interruption.check()
  }

  private func report(_ summary: Synthesis.Summary, seconds: Double, folder: SynthesisFolder) throws {
    if json { return try Console.json(summary) }
    var parts = ["\(summary.made) made"]
    if summary.kept > 0 { parts.append("\(summary.kept) were there") }
    if summary.left > 0 { parts.append("\(summary.left) left for the next run") }
    Console.message(
      parts.joined(separator: ", ")
        + String(format: "; %.1f s, %.1f/s", seconds, Double(summary.made) / max(seconds, 0.001)))
    if summary.left == 0 { print(folder.questionsFile.relativePath) }
  }

  private func askAbout(_ json: String, in folder: String) throws {
    let dataset = try COCOPanoptic(readingJSON: URL(fileURLWithPath: json))
    let target = URL(fileURLWithPath: out)
    let file = target.appendingPathComponent("questions.jsonl")
    guard !FileManager.default.fileExists(atPath: file.path) else {
      throw SynthesisError.notEmpty(folder: out)
    }
    try OutputFolder.make(target)
    let bar = ProgressBar(total: dataset.annotations.count)
    let written = try MapQuestions.write(
      dataset, maps: URL(fileURLWithPath: folder), questions: questions, seed: seed, to: file,
      report: { bar.update(done: $0) })
    bar.finish()
    if self.json { return try Console.json(["maps": dataset.annotations.count, "questions": written]) }
    Console.message("\(written) questions about \(dataset.annotations.count) maps")
    print(file.relativePath)
  }
}

/// What makes a plan's pictures.
private enum PictureMaker {
  case layouts(LayoutGenerator)
  case scenes(SceneGenerator)

  init(_ plan: SynthesisPlan) throws {
    switch plan.kind {
    case .layouts: self = .layouts(try LayoutGenerator(width: plan.width, height: plan.height))
    case .scenes: self = .scenes(try SceneGenerator(width: plan.width, height: plan.height))
    }
  }

  func picture(seed: UInt64) throws -> Synthesis.Picture {
    switch self {
    case .layouts(let generator): return Synthesis.Picture(map: try generator.layout(seed: seed))
    case .scenes(let generator):
      let scene = try generator.scene(seed: seed)
      return Synthesis.Picture(image: scene.picture, map: scene.map, attributes: scene.attributes)
    }
  }
}

/// `256x256`
struct MapSize: ExpressibleByArgument, CustomStringConvertible {
  var width: Int
  var height: Int

  init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  init?(argument: String) {
    let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], width > 0, height > 0 else {
      return nil
    }
    self.init(width: width, height: height)
  }

  var description: String { "\(width)x\(height)" }
}
