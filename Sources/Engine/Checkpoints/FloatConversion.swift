import CKernels
import Tensors

/// Turns stored floating-point values into 32-bit floats. All but float64 convert exactly.
struct FloatConversion {
  private let convert: @Sendable (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void
  private let size: Int
  /// Values that one thread takes at a time.
  private static let grain = 1 << 18

  /// Nil for types that are no floating-point numbers, or that no layer can use without a scale (float8).
  init?(from type: ElementType) {
    size = type.size
    switch type {
    case .float64: convert = { ck_floats_from_doubles($0, $1, $2) }
    case .float32:
      convert = { UnsafeMutableRawPointer($1).copyMemory(from: $0, byteCount: $2 * 4) }
    case .float16: convert = { ck_floats_from_halves($0, $1, $2) }
    case .bfloat16: convert = { ck_floats_from_bfloats($0, $1, $2) }
    default: return nil
    }
  }

  /// - Parameters:
  ///   - source: `count` values, aligned or not
  ///   - target: room for `count` floats
  func callAsFunction(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    Parallel.forEachRange(count, grain: Self.grain) { range in
      convert(source + range.lowerBound * size, target + range.lowerBound, range.count)
    }
  }
}
