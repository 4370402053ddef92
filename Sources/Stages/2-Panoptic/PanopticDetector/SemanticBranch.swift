import Layers
import Tensors

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
