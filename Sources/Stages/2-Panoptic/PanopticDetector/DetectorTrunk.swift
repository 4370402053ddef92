import CKernels
import Layers
import Tensors

/// The backbone and the pyramid on it: ShuffleNetV2 (arXiv 1807.11164) and Ghost-PAN, as NanoDet-Plus has them, without
/// batch norms. Activations are leaky.
struct DetectorTrunk: Sendable {
  struct Levels: Sendable {
    /// At a quarter of the side.
    let quarter: FeatureMap
    /// What the backbone's last two stages make, at strides 16 and 32.
    let backbone: [FeatureMap]
    /// At strides 8, 16, 32 and 64.
    let pyramid: [FeatureMap]
  }

  let stem: Convolution3x3
  let stages: [[ShuffleUnit]]
  /// 1×1, of each stage to the pyramid's width.
  let reduce: [PackedLinear]
  /// To strides 16 and 8.
  let topDown: [GhostBlock]
  let down: [SeparableConvolution]
  /// To strides 16 and 32.
  let bottomUp: [GhostBlock]
  /// To stride 64, from the backbone and from the pyramid.
  let extra: [SeparableConvolution]

  /// - Parameter pixels: normalised, 3 channels, sides that are multiples of 64
  func callAsFunction(_ pixels: FeatureMap) -> Levels {
    let quarter = stem(pixels, activation: .leakyReLU).maxPooled()
    var levels: [FeatureMap] = []
    for stage in stages { levels.append(stage.reduce(levels.last ?? quarter) { $1($0) }) }
    let reduced = zip(reduce, levels).map { $0($1, activation: .leakyReLU) }
    let upper = topDown[0](.joined(reduced[2].doubled(), reduced[1]))
    let third = topDown[1](.joined(upper.doubled(), reduced[0]))
    let fourth = bottomUp[0](.joined(down[0](third, activation: .leakyReLU), upper))
    let fifth = bottomUp[1](.joined(down[1](fourth, activation: .leakyReLU), reduced[2]))
    let sixth = extra[1](
      fifth, activation: .leakyReLU, residual: extra[0](reduced[2], activation: .leakyReLU))
    return Levels(
      quarter: quarter, backbone: Array(levels[1...]), pyramid: [third, fourth, fifth, sixth])
  }
}

/// ShuffleNetV2's unit: the right half of the channels is convolved, and the halves are shuffled; the first unit of a
/// stage halves the map and convolves all channels for both halves.
struct ShuffleUnit: Sendable {
  /// nil where the left half stays as it is.
  let left: SeparableConvolution?
  let rightIn: PackedLinear
  let right: SeparableConvolution

  func callAsFunction(_ map: FeatureMap) -> FeatureMap {
    let half = right.outputs
    let inner = rightIn(map, activation: .leakyReLU)
    let (height, width) = (right.depthwise.length(map.height), right.depthwise.length(map.width))
    let values = Tensor(shape: [height * width, 2 * half]) { out in
      map.view { map in
        inner.view { inner in
          Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
            let (first, count) = (rows.lowerBound * width, rows.count * width)
            withScratch(2 * count * half) { halves in
              right.apply(
                to: inner, rows: rows, activation: .leakyReLU, into: halves + count * half, stride: half)
              left?.apply(to: map, rows: rows, activation: .leakyReLU, into: halves, stride: half)
              kernels.interleave(
                left == nil ? map.values + first * map.stride : UnsafePointer(halves),
                left == nil ? map.stride : half, halves + count * half, half, count, half,
                out + first * 2 * half)
            }
          }
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }
}

/// Two ghost modules (GhostNet, arXiv 1911.11907: half of the channels are made of the others by a depthwise
/// convolution) and a short cut beside them.
struct GhostBlock: Sendable {
  struct Ghost: Sendable {
    let primary: PackedLinear
    let cheap: DepthwiseConvolution

    func callAsFunction(_ map: FeatureMap, activation: Activation) -> FeatureMap {
      let (height, width, half) = (map.height, map.width, primary.outputs)
      let grain = MapView.grain(height: height, width: width)
      let values = Tensor(shape: [map.positions, 2 * half]) { out in
        map.values.read { values in
          Parallel.forEachRange(height, grain: grain) { rows in
            let first = rows.lowerBound * width
            primary.apply(
              to: MatrixView(values + first * map.channels, stride: map.channels), rows: rows.count * width,
              activation: activation, into: out + first * 2 * half, stride: 2 * half)
          }
          let primaries = MapView(out, height: height, width: width, stride: 2 * half)
          Parallel.forEachRange(height, grain: grain) { rows in
            cheap.apply(
              to: primaries, rows: rows, activation: activation,
              into: out + rows.lowerBound * width * 2 * half + half, stride: 2 * half)
          }
        }
      }
      return FeatureMap(height: height, width: width, values: values)
    }
  }

  let first: Ghost
  let second: Ghost
  let short: SeparableConvolution

  func callAsFunction(_ map: FeatureMap) -> FeatureMap {
    var result = second(first(map, activation: .leakyReLU), activation: .none)
    let (height, width) = (map.height, map.width)
    result.values.write { out in
      map.view { map in
        Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
          short.apply(
            to: map, rows: rows, accumulate: true, into: out + rows.lowerBound * width * short.outputs,
            stride: short.outputs)
        }
      }
    }
    return result
  }
}

extension FeatureMap {
  /// Bilinearly.
  func doubled() -> FeatureMap { resized(height: 2 * height, width: 2 * width) }
}
