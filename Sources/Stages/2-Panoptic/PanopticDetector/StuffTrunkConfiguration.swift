import Checkpoints

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
