import Foundation

/// A colour in 8-bit sRGB.
public struct Colour: Sendable, Hashable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let white = Colour(255, 255, 255)
  public static let black = Colour(0, 0, 0)

  /// A colour by how the eye sees it (OKLCH: Björn Ottosson, "A perceptual color space for image
  /// processing", 2020); chroma is lowered until the screen can show it.
  /// - Parameters:
  ///   - lightness: 0 for black to 1 for white
  ///   - chroma: 0 for grey, about 0.3 for the most vivid
  ///   - hue: in turns
  public init(lightness: Double, chroma: Double, hue: Double) {
    var chroma = chroma
    while true {
      let a = chroma * cos(2 * .pi * hue)
      let b = chroma * sin(2 * .pi * hue)
      let l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3)
      let m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3)
      let s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3)
      let linear = [
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
      ]
      if chroma < 0.001 || linear.allSatisfy({ (-0.0001...1.0001).contains($0) }) {
        let bytes = linear.map { value -> UInt8 in
          let value = min(max(value, 0), 1)
          let encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
          return UInt8((encoded * 255).rounded())
        }
        self.init(bytes[0], bytes[1], bytes[2])
        return
      }
      chroma *= 0.92
    }
  }

  /// The sum of the channels' differences, 0 to 765.
  public func distance(to other: Colour) -> Int {
    abs(Int(red) - Int(other.red)) + abs(Int(green) - Int(other.green)) + abs(Int(blue) - Int(other.blue))
  }
}
