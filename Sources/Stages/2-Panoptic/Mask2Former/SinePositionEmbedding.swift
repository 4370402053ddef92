import Foundation
import Tensors

/// Positions of a grid as sines and cosines of rising wavelength, the first half of the features for the
/// row, the second for the column (DETR, appendix A.4, normalised to 0…2π).
enum SinePositionEmbedding {
  /// [height · width, features]; `features` is a multiple of 4.
  static func values(height: Int, width: Int, features: Int) -> Tensor {
    let half = features / 2
    let rows = axis(count: height, features: half)
    let columns = axis(count: width, features: half)
    return Tensor(shape: [height * width, features]) { out in
      rows.withUnsafeBufferPointer { rows in
        columns.withUnsafeBufferPointer { columns in
          guard let rows = rows.baseAddress, let columns = columns.baseAddress else { return }
          for y in 0..<height {
            for x in 0..<width {
              let to = out + (y * width + x) * features
              to.update(from: rows + y * half, count: half)
              (to + half).update(from: columns + x * half, count: half)
            }
          }
        }
      }
    }
  }

  /// [count, features] for one axis: sine and cosine of each wavelength in turn.
  private static func axis(count: Int, features: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count * features)
    for index in 0..<count {
      let position = Float(index + 1) / (Float(count) + 1e-6) * 2 * Float.pi
      for feature in 0..<features {
        let wavelength = powf(10_000, Float(feature / 2 * 2) / Float(features))
        let angle = position / wavelength
        values.append(feature % 2 == 0 ? sinf(angle) : cosf(angle))
      }
    }
    return values
  }
}
