import Layers
import Tensors

/// The trunk for stuff, in the shape of MOSAIC (arXiv 2112.11623): an encoder of inverted bottlenecks to stride 16, the means
/// of coarser grids as context, and a decoder that makes it sharper by two of the encoder's maps. Activations are ReLU.
struct StuffTrunk: Sendable {
  struct Levels: Sendable {
    /// At stride 16.
    let context: FeatureMap
    /// The decoder's at stride 8.
    let eighth: FeatureMap
    /// Logits at a quarter of the side, of the classes that the trunk was first trained on.
    let logits: FeatureMap
  }

  let stem: Convolution3x3
  /// At strides 4, 8 and 16. The decoder reads what the last one of the first two has inside.
  let stages: [[InvertedBottleneck]]
  let contextIn: PackedLinear
  let grids: [GridContext]
  /// 1×1 convolutions of what is joined are cut, so that each of the joined is convolved at its own size: here of the
  /// grids, and behind them of `contextIn`.
  let contextOut: [PackedLinear]
  /// Of the context, and of the encoder's map.
  let eighth: [PackedLinear]
  let eighthOut: SeparableConvolution
  let quarterOut: PackedLinear

  /// - Parameter pixels: normalised, 3 channels, sides that are multiples of 16 times the cells of the coarsest grid
  func callAsFunction(_ pixels: FeatureMap) -> Levels {
    var (map, inner) = (stem(pixels, activation: .relu), [FeatureMap]())
    for (stage, blocks) in stages.enumerated() {
      for (place, block) in blocks.enumerated() {
        if stage < 2 && place == blocks.count - 1 {
          let both = block.withInner(map)
          map = both.result
          inner.append(both.inner)
        } else {
          map = block(map)
        }
      }
    }
    let encoded = contextIn(map, activation: .relu)
    let context = contextOut[grids.count](
      encoded, adding: zip(contextOut, grids).map { $0($1(encoded)) }, activation: .relu)
    let eighth = eighth[1](inner[1], adding: [eighth[0](context)], activation: .relu)
    return Levels(
      context: context, eighth: eighth,
      logits: quarterOut(
        inner[0], activation: .relu, plus: eighthOut(eighth, activation: .relu).doubled()))
  }
}

/// The means of a coarser grid, half of the channels convolved 3×3, and half 5×5.
struct GridContext: Sendable {
  /// Along a side, of the map that are one of the grid's; a power of two.
  let cells: Int
  let small: SeparableConvolution
  let large: SeparableConvolution

  func callAsFunction(_ map: FeatureMap) -> FeatureMap {
    let grid = map.means(of: cells)
    let (height, width, outputs) = (grid.height, grid.width, small.outputs + large.outputs)
    let values = Tensor(shape: [grid.positions, outputs]) { out in
      grid.view { grid in
        var rest = grid
        rest.values += small.depthwise.channels
        Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
          let out = out + rows.lowerBound * width * outputs
          small.apply(to: grid, rows: rows, activation: .relu, into: out, stride: outputs)
          large.apply(to: rest, rows: rows, activation: .relu, into: out + small.outputs, stride: outputs)
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }
}

extension FeatureMap {
  /// Of squares of `cells` a side, a power of two that divides both sides.
  fileprivate func means(of cells: Int) -> FeatureMap {
    // What lies half-way between two rows and two columns is the mean of four.
    cells == 1 ? self : resized(height: height / 2, width: width / 2).means(of: cells / 2)
  }
}

extension PackedLinear {
  /// A 1×1 convolution, and another map behind its activation.
  fileprivate func callAsFunction(_ map: FeatureMap, activation: Activation, plus other: FeatureMap)
    -> FeatureMap
  {
    var result = other
    let (height, width) = (map.height, map.width)
    result.values.write { out in
      map.values.read { values in
        Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
          let first = rows.lowerBound * width
          apply(
            to: MatrixView(values + first * inputs, stride: inputs), rows: rows.count * width,
            activation: activation, residual: out + first * outputs, into: out + first * outputs,
            stride: outputs)
        }
      }
    }
    return result
  }
}
