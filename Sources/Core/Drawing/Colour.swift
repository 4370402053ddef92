public import CrayonCore
import Foundation

/// A colour in 8-bit sRGB.
public struct Colour: Sendable, Hashable {
  /// 0 to 255.
  public var red: UInt8
  /// 0 to 255.
  public var green: UInt8
  /// 0 to 255.
  public var blue: UInt8

  /// From 0 to 255 each.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// 255 of each.
  public static let white = Colour(255, 255, 255)
  /// 0 of each.
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

/// The colours that segments are shown in. They are for the eye only; ids are never made of them.
///
/// A class has a hue of its own: the golden angle apart from its neighbours in the table, things vivid, stuff
/// muted. Instances of a class are shades of its colour, and no two segments of a map look alike.
public struct DisplayPalette: Sendable {
  private let positions: [String: Int]

  /// - Parameter categories: whose order gives the hues; classes outside of it get one by their id.
  public init(_ categories: CategoryTable = .coco) {
    positions = Dictionary(
      categories.categories.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A colour for every segment of a map, by id. The same map has the same colours on every run.
  public func colours(of map: PanopticMap) -> [Int32: Colour] {
    var colours: [Int32: Colour] = [:]
    var instances: [String: Int] = [:]
    var used: [Colour] = []
    for segment in map.segments {
      let instance = instances[segment.category.name, default: 0]
      instances[segment.category.name] = instance + 1
      let colour = colour(of: segment.category, instance: instance, unlike: used)
      colours[segment.id] = colour
      used.append(colour)
    }
    return colours
  }

  /// The first shade from `instance` on that is clearly not one of `used`; with very many segments, clearly
  /// becomes less clear, but never the same.
  private func colour(of category: Category, instance: Int, unlike used: [Colour]) -> Colour {
    for clarity in [36, 18, 9, 3, 1] {
      for attempt in instance..<instance + 64 {
        let colour = shade(of: category, attempt)
        if used.allSatisfy({ $0.distance(to: colour) >= clarity }) { return colour }
      }
    }
    // More segments than shades: any colour that is free and not black.
    var free: UInt32 = 0x404040
    while used.contains(Self.colour(free)) { free = (free &+ 0x010203) & 0xFFFFFF | 0x202020 }
    return Self.colour(free)
  }

  private func shade(of category: Category, _ index: Int) -> Colour {
    let position = positions[category.name] ?? 133 + category.id
    // 0, then evenly spread to both sides.
    let lightness = Self.spread(index, base: 2)
    let turn = Self.spread(index, base: 3)
    return Colour(
      lightness: (category.isThing ? 0.70 : 0.62) + 0.34 * lightness,
      chroma: category.isThing ? 0.17 : 0.07,
      hue: Double(position) * 0.6180339887 + 0.05 * turn)
  }

  /// The van der Corput sequence, shifted to start at 0: -0.5 to 0.5.
  private static func spread(_ index: Int, base: Int) -> Double {
    var (rest, place, value) = (index, 1.0, 0.0)
    while rest > 0 {
      place /= Double(base)
      value += Double(rest % base) * place
      rest /= base
    }
    return value > 0.5 ? value - 1 : value
  }

  private static func colour(_ bits: UInt32) -> Colour {
    Colour(UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255))
  }
}
