import CKernels
import Layers
import Tensors

/// All of the network: both trunks, detection heads, semantic branch and mask branch.
struct DetectorNetwork: Sendable {
  /// What it says of a picture, before anything is decided and masks are drawn.
  struct Fields: Sendable {
    /// Of the pyramid, from the finest on.
    let levels: [DetectionHead.Level]
    /// At stride 8, for the mask branch and for the mask decoder.
    let coarse: FeatureMap
    /// At a quarter of the side, for the mask branch.
    let fine: FeatureMap
    /// Logits of the stuff, and of things behind it, at a quarter of the side.
    let semantic: FeatureMap
  }

  let trunk: DetectorTrunk
  let stuff: StuffTrunk
  let heads: [DetectionHead]
  let semantic: SemanticBranch
  let masks: MaskBranch

  /// - Parameter pixels: normalised, 3 channels, sides that are multiples of 128
  func callAsFunction(_ pixels: FeatureMap) -> Fields {
    let levels = trunk(pixels)
    let stuff = stuff(pixels)
    let coarse = semantic.coarse(levels, stuff)
    let (fine, logits) = semantic(levels, stuff, coarse: coarse)
    let found = zip(heads, levels.pyramid).map { head, level in
      head(level, stride: pixels.width / level.width)
    }
    return Fields(levels: found, coarse: coarse, fine: fine, semantic: logits)
  }

  /// The map that masks are drawn on alone.
  func coarse(_ pixels: FeatureMap) -> FeatureMap { semantic.coarse(trunk(pixels), stuff(pixels)) }

  /// Logits of the mask of a detection in a box, for a picture of `side`×`side`.
  func mask(of detection: Detection, in box: SIMD4<Float>, _ fields: Fields, side: Int) -> Tensor {
    let seen = fields.levels[detection.level].seen.values.rows(detection.position..<detection.position + 1)
    return masks(
      coarse: fields.coarse, fine: fields.fine, box: box, label: detection.label, seen: seen, side: side)
  }
}

/// What kind of stuff every position is, or a thing (after Panoptic FPN, arXiv 1901.02446, section 3).
struct SemanticBranch: Sendable {
  /// 1×1, of the backbone's two levels, the pyramid's four, and the context and the decoder's map of the trunk for stuff.
  let lateral: [PackedLinear]
  /// Of the backbone's last level in the mean of the picture.
  let whole: Linear
  let blocks: [SeparableConvolution]
  let coarseToFine: PackedLinear
  let quarter: PackedLinear
  let fine: SeparableConvolution
  let coarseOut: PackedLinear
  let fineOut: PackedLinear
  /// How the classes of the trunk for stuff are read as these.
  let prior: PackedLinear

  /// The features at stride 8, which masks are drawn on too.
  func coarse(_ levels: DetectorTrunk.Levels, _ stuff: StuffTrunk.Levels) -> FeatureMap {
    // Levels of one size are summed before they are made larger.
    let sixteenth = lateral[3](
      levels.pyramid[1], adding: [lateral[0](levels.backbone[0]), lateral[6](stuff.context)])
    let thirtieth = lateral[4](levels.pyramid[2], adding: [lateral[1](levels.backbone[1])])
    let picture = whole(levels.backbone[1].mean())
    let all = FeatureMap(height: 1, width: 1, values: picture)
    let sum = lateral[2](
      levels.pyramid[0],
      adding: [sixteenth, thirtieth, lateral[5](levels.pyramid[3]), lateral[7](stuff.eighth), all],
      activation: .leakyReLU)
    return blocks.reduce(sum) { $1($0, activation: .leakyReLU, residual: $0) }
  }

  /// `fine` at a quarter of the side, and the logits there: of the stuff, and of things behind it.
  func callAsFunction(
    _ levels: DetectorTrunk.Levels, _ stuff: StuffTrunk.Levels, coarse: FeatureMap
  ) -> (fine: FeatureMap, logits: FeatureMap) {
    let sharpened = fine(
      quarter(levels.quarter, adding: [coarseToFine(coarse)], activation: .leakyReLU), activation: .leakyReLU)
    return (sharpened, fineOut(sharpened, adding: [coarseOut(coarse), prior(stuff.logits)]))
  }
}

extension FeatureMap {
  /// Of all positions, [1, channels].
  fileprivate func mean() -> Tensor {
    var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    values.read { kernels.channel_sums($0, positions, channels, &sums, &squares) }
    return Tensor(sums.map { Float($0 / Double(positions)) }, shape: [1, channels])
  }
}

/// The mask of a thing in its box (after Mask R-CNN, arXiv 1703.06870), conditioned on what was detected there.
struct MaskBranch: Sendable {
  let coarseIn: PackedLinear
  let fineIn: PackedLinear
  /// Of what the detection head saw in the cell.
  let detection: Linear
  /// [things, width]
  let category: Tensor
  /// By position in the box, [cells · cells, width].
  let place: Tensor
  let convolutions: [Convolution3x3]
  let last: SeparableConvolution
  let out: PackedLinear
  /// Samples along a side of the box; the mask has twice as many.
  let cells: Int

  /// Logits of a mask, 2 · `cells` a side.
  /// - Parameters:
  ///   - box: in pixels of the network's picture of `side`×`side`, wherever it lies
  ///   - seen: by the detection head in the detection's cell, [1, channels]
  func callAsFunction(
    coarse: FeatureMap, fine: FeatureMap, box: SIMD4<Float>, label: Int, seen: Tensor, side: Int
  ) -> Tensor {
    let width = coarseIn.outputs
    let told = withValues(of: detection(seen), category) { seen, category in
      // With the first layer's own bias, added in the same step.
      coarseIn.bias.read { bias in
        (0..<width).map { seen[$0] + category[label * width + $0] + (bias?[$0] ?? 0) }
      }
    }
    var map = sampled(
      coarse, by: coarseIn, bias: Tensor(told, shape: [width]), box: box, cells: cells, side: side
    ) { out in
      place.read { out.update(from: $0, count: cells * cells * width) }
    }
    for convolution in convolutions { map = convolution(map, activation: .leakyReLU) }
    let sharper = sampled(fine, by: fineIn, box: box, cells: 2 * cells, side: side) { out in
      map.resizeRows(0..<2 * cells, height: 2 * cells, width: 2 * cells, into: out)
    }
    return out(last(sharper, activation: .leakyReLU)).values
  }

  /// Activation(what there is + layer(samples in the middles of the equal parts of a box)).
  private func sampled(
    _ map: FeatureMap, by layer: PackedLinear, bias: Tensor? = nil, box: SIMD4<Float>, cells: Int, side: Int,
    startingFrom start: (UnsafeMutablePointer<Float>) -> Void
  ) -> FeatureMap {
    func middles(_ low: Float, _ high: Float) -> [Float] {
      (0..<cells).map { (low + (high - low) * ((Float($0) + 0.5) / Float(cells))) / Float(side) }
    }
    let (columns, rows) = (middles(box[0], box[2]), middles(box[1], box[3]))
    let places = rows.flatMap { y in columns.flatMap { [$0, y] } }
    let values = Tensor(shape: [cells * cells, layer.outputs]) { out in
      start(out)
      withScratch(cells * cells * map.channels) { samples in
        map.sample(places, into: samples)
        layer.apply(
          to: MatrixView(samples, stride: map.channels), rows: cells * cells, bias: bias,
          activation: .leakyReLU,
          accumulate: true, into: out, stride: layer.outputs)
      }
    }
    return FeatureMap(height: cells, width: cells, values: values)
  }
}
