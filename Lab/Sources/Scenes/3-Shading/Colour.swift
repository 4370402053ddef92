/// Linear light: red, green, blue; 1 is what a perfect white throws back of the whole light.
typealias Colour = SIMD3<Float>

extension SIMD3<Float> {
  /// From sRGB values in 0…1, by a cubic within 0.003 of the curve: the C library's power function differs
  /// between machines in the last bit.
  static func srgb(_ red: Float, _ green: Float, _ blue: Float) -> Colour {
    let s = Colour(red, green, blue)
    return s * (s * (s * 0.305306011 + 0.682171111) + 0.012522878)
  }

  static func grey(_ value: Float) -> Colour { .srgb(value, value, value) }

  /// From sRGB as on the web.
  static func hex(_ code: UInt32) -> Colour {
    .srgb(Float(code >> 16 & 255) / 255, Float(code >> 8 & 255) / 255, Float(code & 255) / 255)
  }

  func mixed(with other: Colour, _ share: Float) -> Colour { self + (other - self) * share }
}
