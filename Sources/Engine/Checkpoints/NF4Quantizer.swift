import Foundation
import Tensors

/// Quantises a matrix to nf4 with double quantisation, as bitsandbytes does it: 64 values share a scale, their
/// largest magnitude; the scales, less their mean, are quantised in blocks of 256 by bitsandbytes' dynamic map
/// (QLoRA, arXiv 2305.14314, section 3; 8-bit optimizers, arXiv 2110.02861, section 1.3).
struct NF4Quantizer {
  /// Two values a byte, the first in the high half.
  private(set) var packed: [UInt8]
  /// The scales' codes.
  private(set) var absmax: [UInt8]
  private(set) var nestedAbsmax: [Float]
  let offset: Float

  /// What four bits stand for: quantiles of the normal distribution.
  static let map: [Float] = [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1,
  ]

  /// What a byte of a scale stands for: magnitudes spread evenly within powers of ten, both signs, 0 and 1.
  static let nestedMap: [Float] = {
    var values: [Float] = [0, 1]
    for exponent in 0..<7 {
      let items = 1 << exponent
      let unit = Float(pow(10, Double(exponent - 6)))
      for index in 0..<items {
        let low = 0.1 + 0.9 * Float(index) / Float(items)
        let high = 0.1 + 0.9 * Float(index + 1) / Float(items)
        values += [unit * (low + high) / 2, -unit * (low + high) / 2]
      }
    }
    return values.sorted()
  }()

  /// - Parameter matrix: of whole blocks of 64 values
  init(_ matrix: Tensor) {
    let blocks = matrix.count / 64
    var packed = [UInt8](repeating: 0, count: matrix.count / 2)
    var scales = [Float](repeating: 0, count: blocks)
    let borders = zip(Self.map, Self.map.dropFirst()).map { ($0 + $1) / 2 }
    matrix.read { values in
      packed.withUnsafeMutableBufferPointer { packed in
        scales.withUnsafeMutableBufferPointer { scales in
          guard let packed = packed.baseAddress, let scales = scales.baseAddress else { return }
          Parallel.forEachRange(blocks, grain: 1024) { range in
            let first = range.lowerBound
            kernels.quantize_nf4(
              values + first * 64, range.count, borders, packed + first * 32, scales + first)
          }
        }
      }
    }
    self.packed = packed
    offset = Float(scales.reduce(0) { $0 + Double($1) } / Double(max(blocks, 1)))
    absmax = []
    nestedAbsmax = []
    for start in stride(from: 0, to: blocks, by: 256) {
      let part = scales[start..<min(start + 256, blocks)].map { $0 - offset }
      let largest = part.map(abs).max() ?? 0
      nestedAbsmax.append(largest)
      absmax += part.map { Self.nearest(largest > 0 ? $0 / largest : 0) }
    }
  }

  /// The code of the closest value of the dynamic map.
  private static func nearest(_ value: Float) -> UInt8 {
    let map = nestedMap
    var (low, high) = (0, 255)
    while high - low > 1 {
      let middle = (low + high) / 2
      if map[middle] <= value { low = middle } else { high = middle }
    }
    return UInt8(value - map[low] <= map[high] - value ? low : high)
  }
}
