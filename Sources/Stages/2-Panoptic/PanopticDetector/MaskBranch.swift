import Layers
import Tensors

/// The mask of a thing in its box (after Mask R-CNN, arXiv 1703.06870), told what was detected there.
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
