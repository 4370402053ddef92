import Checkpoints
public import CrayonCore
public import Foundation

/// The sizes and thresholds of a ``PanopticDetector``, as its `config.json` has them.
public struct PanopticDetectorConfiguration: Sendable {
  /// The side of the square that the network sees, in pixels.
  public var side: Int
  /// Things, and stuff behind them.
  public let categories: CategoryTable
  public let decision: PanopticDecision
  let stemWidth: Int
  /// Of the backbone's three stages, the widths and the units.
  let stages: [(width: Int, units: Int)]
  let pyramidWidth: Int
  let stuffTrunk: StuffTrunkConfiguration
  /// Of the distribution of each distance, in strides from 0 on.
  let bins: Int
  let semanticWidth: Int
  let fineWidth: Int
  let maskWidth: Int
  let maskCells: Int
  /// In bytes, red first.
  let mean: [Float]
  let deviation: [Float]

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
    func bad(_ key: String, _ value: Any) -> ConfigurationError {
      .badValue(file: url.path, key: key, value: "\(value)")
    }
    guard Self.isSide(config.image_size) else { throw bad("image_size", config.image_size) }
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
    guard config.image_mean.count == 3, config.image_mean.allSatisfy(\.isFinite) else {
      throw bad("image_mean", config.image_mean)
    }
    guard config.image_std.count == 3, config.image_std.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw bad("image_std", config.image_std)
    }
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
    mean = config.image_mean
    deviation = config.image_std
    categories = try Self.categories(config.categories, in: url)
    decision = try PanopticDecision(config.decision(), in: file)
  }

  private static func categories(_ names: [String], in file: URL) throws -> CategoryTable {
    func unsupported(_ value: String, _ supported: String) -> ConfigurationError {
      .unsupported(file: file.path, key: "categories", value: value, supported: supported)
    }
    let categories = try names.map { name in
      guard let category = CategoryTable.coco.category(named: name) else {
        throw unsupported(name, "a name of COCO's 133 categories")
      }
      return category
    }
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
    var least_thing_pixels: Double
    var least_stuff_pixels: Double

    func decision() -> PanopticDecision {
      PanopticDecision(
        detection: DetectionRule(least: least_detection, most: most_detections, overlapping: overlapping),
        growth: growth, leastVisible: least_visible,
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
    func check(_ key: String, _ value: Double, in range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw ConfigurationError.badValue(file: file.path, key: key, value: "\(value)")
      }
    }
    func check(_ key: String, _ values: [Double], count: Int) throws {
      guard values.count == count, values.allSatisfy({ abs($0) <= 1e6 }) else {
        throw ConfigurationError.badValue(file: file.path, key: key, value: "\(values)")
      }
    }
    try check("least_detection", Double(decision.detection.least), in: 0...1)
    try file.check("most_detections", decision.detection.most, in: 1...1000)
    try check("overlapping", Double(decision.detection.overlapping), in: 0...1)
    try check("growth", Double(decision.growth), in: 1...4)
    try check("least_visible", decision.leastVisible, in: 0...1)
    for (kind, rule, count) in [("thing", decision.thing, 5), ("stuff", decision.stuff, 3)] {
      try check("\(kind)_probability", rule.probability, count: count)
      try check("least_\(kind)_probability", rule.least, in: 0...1)
      try check("least_\(kind)_pixels", rule.pixels, in: 0...1e9)
    }
    self = decision
  }
}
