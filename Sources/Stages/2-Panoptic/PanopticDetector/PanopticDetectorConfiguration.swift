import Checkpoints
public import CrayonCore
public import Foundation

/// The sizes and thresholds of a ``PanopticDetector``, as its `config.json` has them.
public struct PanopticDetectorConfiguration: Sendable {
  /// The side of the square that the network sees, in pixels.
  public var side: Int
  /// Things, and stuff behind them.
  public let categories: CategoryTable
  /// The rule that makes a map of the network's outputs.
  public let decision: PanopticDecision
  let stemWidth: Int
  /// Of the backbone's three stages, the widths and the units.
  let stages: [(width: Int, units: Int)]
  let pyramidWidth: Int
  let stuffTrunk: StuffTrunkConfiguration
  /// Of the distribution of each distance, in strides from 0 on.
  let bins: Int
  /// Channels of the features that a mask decoder draws on.
  package let semanticWidth: Int
  let fineWidth: Int
  let maskWidth: Int
  let maskCells: Int
  /// Means and deviations are in bytes.
  let normalization: PixelNormalization

  var things: Int { categories.categories.count(where: \.isThing) }
  var stuff: Int { categories.categories.count - things }

  /// What a side can be: a whole number of cells of every level, and of the coarsest grid of the trunk for stuff.
  public static func isSide(_ side: Int) -> Bool {
    (128...2048).contains(side) && side % StuffTrunkConfiguration.sideFactor == 0
  }

  /// Reads `config.json`.
  /// - Throws: `ConfigurationError` naming the file and the key
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("model_type", config.model_type, is: "crayon-panoptic")
    guard Self.isSide(config.image_size) else { throw file.bad("image_size") }
    try file.check("stage_widths", config.stage_widths.count, in: 3...3)
    try file.check("stage_units", config.stage_units.count, in: 3...3)
    for width in config.stage_widths { try file.check("stage_widths", width, in: 2...2048, multipleOf: 2) }
    for units in config.stage_units { try file.check("stage_units", units, in: 1...64) }
    try file.check("pyramid_width", config.pyramid_width, in: 2...1024, multipleOf: 2)
    for (key, width) in [
      ("stem_width", config.stem_width), ("semantic_width", config.semantic_width),
      ("fine_width", config.fine_width),
    ] {
      try file.check(key, width, in: 1...1024)
    }
    try file.check("mask_width", config.mask_width, in: 2...1024, multipleOf: 2)
    try file.check("mask_cells", config.mask_cells, in: 2...64)
    try file.check("distance_bins", config.distance_bins, in: 2...64)
    side = config.image_size
    stemWidth = config.stem_width
    stages = zip(config.stage_widths, config.stage_units).map { ($0, $1) }
    pyramidWidth = config.pyramid_width
    stuffTrunk = try StuffTrunkConfiguration(config.stuff_trunk, in: file)
    bins = config.distance_bins
    semanticWidth = config.semantic_width
    fineWidth = config.fine_width
    maskWidth = config.mask_width
    maskCells = config.mask_cells
    normalization = try PixelNormalization(
      rescale: 1, mean: config.image_mean, deviation: config.image_std, in: file)
    categories = try Self.categories(config.categories, in: url)
    decision = try PanopticDecision(config.decision(), in: file)
  }

  private static func categories(_ names: [String], in file: URL) throws -> CategoryTable {
    func unsupported(_ value: String, _ supported: String) -> ConfigurationError {
      .unsupported(file: file.path, key: "categories", value: value, supported: supported)
    }
    let categories = try CategoryTable.cocoCategories(named: names, in: file)
    if let twice = Dictionary(grouping: names, by: \.self).first(where: { $1.count > 1 }) {
      throw unsupported("\(twice.key) twice", "each name once")
    }
    let things = categories.prefix(while: \.isThing)
    guard !things.isEmpty, things.count < categories.count,
      !categories[things.count...].contains(where: \.isThing)
    else { throw unsupported("\(categories.count) names", "things, and stuff behind them,") }
    return try CategoryTable(categories)
  }

  private struct Published: Decodable {
    var model_type: String
    var image_size: Int
    var categories: [String]
    var stem_width: Int
    var stage_widths: [Int]
    var stage_units: [Int]
    var pyramid_width: Int
    var stuff_trunk: StuffTrunkConfiguration.Published
    var distance_bins: Int
    var semantic_width: Int
    var fine_width: Int
    var mask_width: Int
    var mask_cells: Int
    var image_mean: [Float]
    var image_std: [Float]
    var least_detection: Float
    var thing_probability: [Double]
    var stuff_probability: [Double]
    var least_thing_probability: Double
    var least_stuff_probability: Double
    var most_detections: Int
    var overlapping: Float
    var growth: Float
    var least_visible: Double
    var in_front: Double
    var least_thing_pixels: Double
    var least_stuff_pixels: Double

    func decision() -> PanopticDecision {
      PanopticDecision(
        detection: DetectionRule(least: least_detection, most: most_detections, overlapping: overlapping),
        growth: growth, leastVisible: least_visible, inFront: in_front,
        thing: .init(
          probability: thing_probability, least: least_thing_probability, pixels: least_thing_pixels),
        stuff: .init(
          probability: stuff_probability, least: least_stuff_probability, pixels: least_stuff_pixels))
    }
  }
}

extension PanopticDecision {
  /// Checks what a file says.
  fileprivate init(_ decision: PanopticDecision, in file: ConfigurationFile) throws {
    func check(_ key: String, _ values: [Double], count: Int) throws {
      guard values.count == count, values.allSatisfy({ abs($0) <= 1e6 }) else {
        throw ConfigurationError.badValue(file: file.path, key: key, value: "\(values)")
      }
    }
    try file.check("least_detection", Double(decision.detection.least), in: 0...1)
    try file.check("most_detections", decision.detection.most, in: 1...1000)
    try file.check("overlapping", Double(decision.detection.overlapping), in: 0...1)
    try file.check("growth", Double(decision.growth), in: 1...4)
    try file.check("least_visible", decision.leastVisible, in: 0...1)
    try file.check("in_front", decision.inFront, in: 0...1)
    for (kind, rule, count) in [("thing", decision.thing, 5), ("stuff", decision.stuff, 3)] {
      try check("\(kind)_probability", rule.probability, count: count)
      try file.check("least_\(kind)_probability", rule.least, in: 0...1)
      try file.check("least_\(kind)_pixels", rule.pixels, in: 0...1e9)
    }
    self = decision
  }
}

/// The sizes of a ``StuffTrunk``, `stuff_trunk` in a segmenter's `config.json`.
struct StuffTrunkConfiguration: Sendable {
  struct Bottleneck: Sendable {
    let inputs: Int
    let inner: Int
    let outputs: Int
    /// Of the depthwise convolution.
    let size: Int
    let stride: Int
    let dilation: Int
  }

  let stemWidth: Int
  /// At strides 4, 8 and 16.
  let stages: [[Bottleneck]]
  let encoderWidth: Int
  /// Cells at stride 16, along a side, that are one of a grid's.
  let grids: [Int]
  /// Of each half of a grid's channels.
  let gridWidth: Int
  let contextWidth: Int
  let eighthWidth: Int
  /// That the trunk has logits of.
  let classes: Int

  /// The last one of a stage.
  func last(of stage: Int) -> Bottleneck { stages[stage][stages[stage].count - 1] }

  /// Pixels that a side of the network's picture is a multiple of: of the coarsest grid that there can be.
  static let sideFactor = 16 * 8

  /// As the file has it.
  struct Published: Decodable {
    var stem_width: Int
    /// Inner channels, outputs, size, step and dilation of each.
    var bottlenecks: [[Int]]
    var encoder_width: Int
    var grids: [Int]
    var grid_width: Int
    var context_width: Int
    var eighth_width: Int
    var classes: Int
  }

  /// - Throws: `ConfigurationError` naming the file and the key
  init(_ published: Published, in file: ConfigurationFile) throws {
    func key(_ name: String) -> String { "stuff_trunk.\(name)" }
    for (name, width) in [
      ("stem_width", published.stem_width), ("grid_width", published.grid_width),
      ("context_width", published.context_width), ("eighth_width", published.eighth_width),
      ("classes", published.classes),
    ] {
      try file.check(key(name), width, in: 1...1024)
    }
    try file.check(key("encoder_width"), published.encoder_width, in: 2...2048, multipleOf: 2)
    try file.check(key("grids"), published.grids.count, in: 1...4)
    for cells in published.grids where ![1, 2, 4, 8].contains(cells) {
      throw ConfigurationError.badValue(file: file.path, key: key("grids"), value: "\(cells)")
    }
    try file.check(key("bottlenecks"), published.bottlenecks.count, in: 3...64)
    var (stages, inputs): ([[Bottleneck]], Int) = ([], published.stem_width)
    for sizes in published.bottlenecks {
      guard sizes.count == 5, (1...4096).contains(sizes[0]), (1...1024).contains(sizes[1]),
        // What the depthwise convolution can do.
        [[3, 1, 1], [3, 2, 1], [5, 1, 1], [5, 2, 1], [5, 1, 2]].contains(sizes[2...].map(\.self))
      else {
        throw ConfigurationError.badValue(file: file.path, key: key("bottlenecks"), value: "\(sizes)")
      }
      let block = Bottleneck(
        inputs: inputs, inner: sizes[0], outputs: sizes[1], size: sizes[2], stride: sizes[3],
        dilation: sizes[4])
      // The first one of a stage halves the map.
      if block.stride == 2 || stages.isEmpty { stages.append([]) }
      stages[stages.count - 1].append(block)
      inputs = block.outputs
    }
    guard stages.count == 3, stages.allSatisfy({ $0[0].stride == 2 }) else {
      throw ConfigurationError.unsupported(
        file: file.path, key: key("bottlenecks"), value: "steps \(published.bottlenecks.map { $0[3] })",
        supported: "a step of 2 of the first and of two others")
    }
    stemWidth = published.stem_width
    self.stages = stages
    encoderWidth = published.encoder_width
    grids = published.grids
    gridWidth = published.grid_width
    contextWidth = published.context_width
    eighthWidth = published.eighth_width
    classes = published.classes
  }
}
