import Foundation
import Layers
import Tensors

/// Places in the picture as sines and cosines of random directions (SAM, appendix A; arXiv 2006.10739).
struct SAMPositionEncoding: Sendable {
  /// [2, width / 2]: what x and y are multiplied by
  let directions: Tensor

  var width: Int { 2 * directions.shape[1] }

  /// Places in fractions of the picture → [places, width]
  func callAsFunction(_ places: [(x: Float, y: Float)]) -> Tensor {
    let half = directions.shape[1]
    return Tensor(shape: [places.count, 2 * half]) { out in
      directions.read { directions in
        Parallel.forEachRange(places.count, grain: 64) { range in
          for index in range {
            // In torch's order of single-precision steps: the angles are large.
            let (x, y) = (2 * places[index].x - 1, 2 * places[index].y - 1)
            let row = out + index * 2 * half
            for k in 0..<half {
              let angle = 2 * Float.pi * (x * directions[k] + y * directions[half + k])
              row[k] = sinf(angle)
              row[half + k] = cosf(angle)
            }
          }
        }
      }
    }
  }

  /// The middle of every cell of a square grid. [side², width]
  func grid(side: Int) -> Tensor {
    self(
      (0..<side * side).map { cell in
        ((Float(cell % side) + 0.5) / Float(side), (Float(cell / side) + 0.5) / Float(side))
      })
  }
}
