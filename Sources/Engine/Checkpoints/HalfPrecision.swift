import CKernels

/// 32-bit floats as 16-bit ones, rounded to the nearest, ties to even.
enum HalfPrecision {
  /// The bits of the nearest IEEE half; beyond the largest half lies infinity.
  static func float16(_ value: Float) -> UInt16 { ck_half_from_float(value) }

  /// The bits of the nearest bfloat16, the upper half of a float.
  static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x0040 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }
}
