public import CrayonCore

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
