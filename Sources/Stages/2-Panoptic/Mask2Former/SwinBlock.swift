import Layers
import Tensors

/// One block of the Swin Transformer: windowed attention and a two-layer perceptron, each behind a layer
/// norm and with a shortcut around it (figure 3b of the paper).
struct SwinBlock: Sendable {
  let normBefore: LayerNorm
  let attention: SwinAttention
  let normAfter: LayerNorm
  let expand: Linear
  let contract: Linear

  func apply(to map: inout FeatureMap) {
    attention.apply(to: &map, norm: normBefore)
    applyPerceptron(to: &map)
  }

  /// map += contract(gelu(expand(norm(map)))), some rows at a time, so that the wide middle is never
  /// stored whole.
  private func applyPerceptron(to map: inout FeatureMap) {
    let (rows, width) = (map.positions, map.channels)
    let grain = Parallel.balancedGrain(rows, target: 1024)
    map.values.write { values in
      Parallel.forEachRange(rows, grain: grain) { range in
        let x = values + range.lowerBound * width
        withScratch(range.count * width) { normed in
          withScratch(range.count * expand.outputs) { hidden in
            normAfter.apply(to: x, rows: range.count, into: normed)
            expand.apply(to: normed, rows: range.count, activation: .gelu, into: hidden)
            contract.apply(to: hidden, rows: range.count, accumulate: true, into: x)
          }
        }
      }
    }
  }
}
