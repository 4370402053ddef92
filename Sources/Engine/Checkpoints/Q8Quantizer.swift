import Foundation
import Tensors

/// Quantises a matrix to ggml's Q8_0: 32 values share a scale in 16 bits, 127 of which are their largest magnitude.
enum Q8Quantizer {
  static let blockBytes = 34

  /// - Parameter matrix: of whole blocks of 32 values
  static func bytes(of matrix: Tensor) -> Data {
    let blocks = matrix.count / 32
    var bytes = Data(count: blocks * blockBytes)
    bytes.withUnsafeMutableBytes { bytes in
      guard let out = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      matrix.read { values in
        Parallel.forEachRange(blocks, grain: 2048) { range in
          kernels.quantize_q8_0(
            values + range.lowerBound * 32, range.count, out + range.lowerBound * blockBytes)
        }
      }
    }
    return bytes
  }
}
