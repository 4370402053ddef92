import Checkpoints
import Layers
import Tensors

extension DetectorNetwork {
  /// Takes all tensors from a checkpoint.
  /// - Throws: `CheckpointError` naming the tensor
  init(_ weights: WeightReader, _ c: PanopticDetectorConfiguration) throws {
    trunk = try DetectorTrunk(weights.scoped("trunk"), c)
    stuff = try StuffTrunk(weights.scoped("stuff"), c.stuffTrunk)
    heads = try (0..<4).map { level in
      let scope = weights.scoped("detect.\(level)")
      return DetectionHead(
        first: try scope.separable("first", c.pyramidWidth),
        second: try scope.separable("second", c.pyramidWidth),
        out: try scope.pointwise("out", c.pyramidWidth, c.things + 4 * c.bins))
    }
    semantic = try SemanticBranch(weights.scoped("semantic"), c)
    masks = try MaskBranch(weights.scoped("masks"), c)
  }
}

extension DetectorTrunk {
  fileprivate init(_ weights: WeightReader, _ c: PanopticDetectorConfiguration) throws {
    let width = c.pyramidWidth
    // Rounded to 16 bits, the first layers cost the things of 100 photographs a point and a half of their quality; all
    // others cost them nothing.
    stem = try Precision.$current.withValue(.float32) {
      try weights.convolution("stem", 3, c.stemWidth, stride: 2)
    }
    stages = try c.stages.enumerated().map { stage, size in
      let inputs = stage == 0 ? c.stemWidth : c.stages[stage - 1].width
      return try Precision.$current.withValue(stage == 0 ? .float32 : .current) {
        try (0..<size.units).map {
          try ShuffleUnit(
            weights.scoped("stages.\(stage).\($0)"), inputs: inputs, width: size.width, isFirst: $0 == 0)
        }
      }
    }
    reduce = try c.stages.enumerated().map { try weights.pointwise("reduce.\($0)", $1.width, width) }
    topDown = try (0..<2).map { try GhostBlock(weights.scoped("top_down.\($0)"), width: width) }
    down = try (0..<2).map { try weights.separable("down.\($0)", width, stride: 2) }
    bottomUp = try (0..<2).map { try GhostBlock(weights.scoped("bottom_up.\($0)"), width: width) }
    extra = try ["extra_in", "extra_out"].map { try weights.separable($0, width, stride: 2) }
  }
}

extension ShuffleUnit {
  /// - Parameters:
  ///   - inputs: channels of what goes into the stage
  ///   - width: channels of what comes out of it
  ///   - isFirst: whether it is the stage's first unit
  fileprivate init(_ weights: WeightReader, inputs: Int, width: Int, isFirst: Bool) throws {
    let half = width / 2
    left =
      isFirst
      ? SeparableConvolution(
        depthwise: try weights.depthwise("left_depthwise", inputs, size: 3, stride: 2),
        pointwise: try weights.pointwise("left_out", inputs, half))
      : nil
    rightIn = try weights.pointwise("right_in", isFirst ? inputs : half, half)
    right = SeparableConvolution(
      depthwise: try weights.depthwise("right_depthwise", half, size: 3, stride: isFirst ? 2 : 1),
      pointwise: try weights.pointwise("right_out", half, half))
  }
}

extension GhostBlock {
  fileprivate init(_ weights: WeightReader, width: Int) throws {
    func ghost(_ name: String, _ inputs: Int) throws -> Ghost {
      Ghost(
        primary: try weights.pointwise(name, inputs, width / 2),
        cheap: try weights.depthwise("\(name)_ghost", width / 2, size: 3))
    }
    first = try ghost("first", 2 * width)
    second = try ghost("second", width)
    short = SeparableConvolution(
      depthwise: try weights.depthwise("short_depthwise", 2 * width, size: 5),
      pointwise: try weights.pointwise("short_out", 2 * width, width))
  }
}

extension StuffTrunk {
  init(_ weights: WeightReader, _ c: StuffTrunkConfiguration) throws {
    stem = try weights.convolution("stem", 3, c.stemWidth, stride: 2, padding: 0)
    var place = 0
    stages = try c.stages.map { stage in
      try stage.map { sizes in
        let scope = weights.scoped("blocks.\(place)")
        place += 1
        return InvertedBottleneck(
          expand: try scope.pointwise("expand", sizes.inputs, sizes.inner),
          // TensorFlow's "same": at a step of 2 there is less before the first row than behind the last.
          depthwise: try scope.depthwise(
            "depthwise", sizes.inner, size: sizes.size, stride: sizes.stride,
            padding: sizes.stride == 2 ? (sizes.size - 2) / 2 : nil, dilation: sizes.dilation),
          project: try scope.pointwise("project", sizes.inner, sizes.outputs))
      }
    }
    contextIn = try weights.pointwise("context_in", c.last(of: 2).outputs, c.encoderWidth)
    let half = c.encoderWidth / 2
    grids = try c.grids.enumerated().map { place, cells in
      let scope = weights.scoped("grids.\(place)")
      func branch(_ name: String, size: Int) throws -> SeparableConvolution {
        SeparableConvolution(
          depthwise: try scope.depthwise("\(name)_depthwise", half, size: size),
          pointwise: try scope.pointwise("\(name)_out", half, c.gridWidth), between: .relu)
      }
      return GridContext(cells: cells, small: try branch("small", size: 3), large: try branch("large", size: 5))
    }
    contextOut = try weights.pointwise(
      "context_out", joined: c.grids.map { _ in 2 * c.gridWidth } + [c.encoderWidth], c.contextWidth)
    eighth = try weights.pointwise("eighth", joined: [c.contextWidth, c.last(of: 1).inner], c.eighthWidth)
    eighthOut = SeparableConvolution(
      depthwise: try weights.depthwise("eighth_depthwise", c.eighthWidth, size: 3),
      pointwise: try weights.pointwise("eighth_out", c.eighthWidth, c.classes), between: .relu)
    quarterOut = try weights.pointwise("quarter_out", c.last(of: 0).inner, c.classes)
  }
}

extension SemanticBranch {
  fileprivate init(_ weights: WeightReader, _ c: PanopticDetectorConfiguration) throws {
    let (width, classes) = (c.semanticWidth, c.stuff + 1)
    let inputs =
      c.stages[1...].map(\.width) + Array(repeating: c.pyramidWidth, count: 4)
      + [c.stuffTrunk.contextWidth, c.stuffTrunk.eighthWidth]
    lateral = try inputs.enumerated().map { try weights.pointwise("lateral.\($0)", $1, width) }
    whole = Linear(
      weight: try weights.tensor("whole.weight", shape: [width, c.stages[2].width]),
      bias: try weights.tensor("whole.bias", shape: [width]))
    blocks = try (0..<3).map { try weights.separable("blocks.\($0)", width) }
    coarseToFine = try weights.pointwise("coarse_to_fine", width, c.fineWidth)
    quarter = try weights.pointwise("quarter", c.stemWidth, c.fineWidth)
    fine = try weights.separable("fine", c.fineWidth, size: 3)
    coarseOut = try weights.pointwise("coarse_out", width, classes)
    fineOut = try weights.pointwise("fine_out", c.fineWidth, classes)
    prior = try weights.pointwise("prior", c.stuffTrunk.classes, classes)
  }
}

extension MaskBranch {
  fileprivate init(_ weights: WeightReader, _ c: PanopticDetectorConfiguration) throws {
    let (width, cells) = (c.maskWidth, c.maskCells)
    coarseIn = try weights.pointwise("coarse_in", c.semanticWidth, width)
    fineIn = try weights.pointwise("fine_in", c.fineWidth, width)
    detection = Linear(
      weight: try weights.tensor("detection.weight", shape: [width, c.pyramidWidth]),
      bias: try weights.tensor("detection.bias", shape: [width]))
    category = try weights.tensor("category.weight", shape: [c.things, width])
    let place = try weights.tensor("place", shape: [width, cells, cells])
    self.place = Tensor(shape: [cells * cells, width]) { to in
      place.read { from in
        for channel in 0..<width {
          for cell in 0..<cells * cells { to[cell * width + channel] = from[channel * cells * cells + cell] }
        }
      }
    }
    convolutions = try (0..<3).map { try weights.convolution("convolutions.\($0)", width, width) }
    last = try weights.separable("last", width, size: 3, outputs: width / 2)
    out = try weights.pointwise("out", width / 2, 1)
    self.cells = cells
  }
}

/// The layers by their modules' names.
extension WeightReader {
  fileprivate func convolution(_ name: String, _ inputs: Int, _ outputs: Int, stride: Int = 1, padding: Int = 1)
    throws
    -> Convolution3x3
  {
    Convolution3x3(
      weight: try tensor("\(name).weight", shape: [outputs, inputs, 3, 3]),
      bias: try tensor("\(name).bias", shape: [outputs]), stride: stride, padding: padding)
  }

  fileprivate func pointwise(_ name: String, _ inputs: Int, _ outputs: Int) throws -> PackedLinear {
    PackedLinear(
      weight: try tensor("\(name).weight", shape: [outputs, inputs, 1, 1]).reshaped([outputs, inputs]),
      bias: try tensor("\(name).bias", shape: [outputs]))
  }

  /// One for each of some maps whose channels are joined, to be summed; the last one has the bias.
  fileprivate func pointwise(_ name: String, joined inputs: [Int], _ outputs: Int) throws -> [PackedLinear] {
    let all = inputs.reduce(0, +)
    let weight = try tensor("\(name).weight", shape: [outputs, all, 1, 1])
    let bias = try tensor("\(name).bias", shape: [outputs])
    var end = 0
    return inputs.enumerated().map { place, width in
      end += width
      let first = end - width
      let part = Tensor(shape: [outputs, width]) { to in
        weight.read { from in
          for output in 0..<outputs {
            (to + output * width).update(from: from + output * all + first, count: width)
          }
        }
      }
      return PackedLinear(weight: part, bias: place == inputs.count - 1 ? bias : nil)
    }
  }

  fileprivate func depthwise(
    _ name: String, _ width: Int, size: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1
  ) throws -> DepthwiseConvolution {
    DepthwiseConvolution(
      weight: try tensor("\(name).weight", shape: [width, 1, size, size]),
      bias: try tensor("\(name).bias", shape: [width]), stride: stride, padding: padding, dilation: dilation)
  }

  /// With activations behind both of its convolutions.
  fileprivate func separable(
    _ name: String, _ width: Int, size: Int = 5, stride: Int = 1, outputs: Int? = nil
  ) throws -> SeparableConvolution {
    SeparableConvolution(
      depthwise: try depthwise("\(name).depthwise", width, size: size, stride: stride),
      pointwise: try pointwise("\(name).pointwise", width, outputs ?? width), between: .leakyReLU)
  }
}
