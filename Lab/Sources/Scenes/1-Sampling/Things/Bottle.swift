import CRaster

/// Wine, beer and water bottles, and those of coloured plastic.
enum Bottle: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    switch numbers.whole(0...3) {
    case 0: return wine(&numbers)
    case 1: return water(&numbers)
    default: return opaque(&numbers)
    }
  }

  private static func outline(
    radius: Float, height: Float, neck: Float, shoulder: Float, neckStart: Float
  ) -> [SIMD2<Float>] {
    Mesh.outline((0, 0), (radius * 0.9, 0), (radius, radius * 0.15))
      + Mesh.curve(
        Mesh.outline(
          (radius, height * shoulder), (radius * 0.92, height * (shoulder * 0.65 + neckStart * 0.35)),
          ((radius + neck) * 0.48, height * (shoulder * 0.3 + neckStart * 0.7)),
          (neck, height * neckStart), (neck * 0.95, height)), steps: 4)
  }

  private static func wine(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(3.4, 4)
    let height = numbers.number(26, 31)
    let profile = outline(
      radius: radius, height: height, neck: 1.35, shoulder: numbers.number(0.52, 0.62),
      neckStart: numbers.number(0.72, 0.78))
    let (colour, shade): (ColourName, Colour) = numbers.pick([
      (.green, .hex(0x1f5a26)), (.brown, .hex(0x4f2a0e)), (.black, .hex(0x17191a)),
    ])
    let paper = numbers.pick([Colour.hex(0xf2ead6), .grey(0.95), .hex(0xd8c690)])
    var mesh = Mesh.revolved(
      profile, segments: 28,
      Material(CR_LABEL, shade, paper, shade.mixed(with: paper, 0.2), height * 0.14, height * 0.42)
        .glossy(0.8, 160, mirror: 0.07))
    let foil = numbers.pick([Colour.hex(0x8a1222), .hex(0x1a1a1c), .hex(0xb89030)])
    mesh.add(
      .cylinder(bottom: 1.5, top: 1.48, height: height * 0.13, bevel: 0.2, .plain(foil).glossy(0.5, 50))
        .moved(0, height * 0.885, 0))
    return Thing(category: "bottle", colour: colour, mesh: mesh)
  }

  private static func water(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(3, 4.2)
    let height = numbers.number(19, 28)
    let profile = outline(
      radius: radius, height: height, neck: 1.4, shoulder: numbers.number(0.6, 0.7), neckStart: 0.86)
    let tint = numbers.pick([Colour(0.86, 0.93, 0.97), Colour(0.7, 0.9, 0.8), Colour(0.62, 0.82, 0.95)])
    var mesh = Mesh.revolved(profile, segments: 28, .glass(tint, clearness: 0.8))
    let cap = ColourName.any(&numbers).shade(&numbers)
    let label = ColourName.any(but: [.black, .grey], &numbers).shade(&numbers)
    mesh.add(
      .cylinder(bottom: 1.6, top: 1.6, height: 1.9, bevel: 0.2, .plain(cap).glossy(0.3, 40))
        .moved(0, height - 0.8, 0),
      .revolved(
        Mesh.outline((radius + 0.05, height * 0.28), (radius + 0.05, height * 0.52)), segments: 28,
        Material(CR_LABEL, label, label, .grey(0.95), height * 0.28, height * 0.52).glossy(0.2, 30)))
    return Thing(category: "bottle", colour: nil, mesh: mesh)
  }

  private static func opaque(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let shade = colour.shade(&numbers)
    let radius = numbers.number(3, 4.4)
    let height = radius * numbers.number(4.6, 6.8)
    let profile = outline(
      radius: radius, height: height, neck: radius * numbers.number(0.32, 0.45),
      shoulder: numbers.number(0.45, 0.68), neckStart: numbers.number(0.78, 0.86))
    let label = numbers.chance(0.5) ? Colour.grey(0.93) : shade.mixed(with: .grey(0.93), 0.6)
    let body =
      numbers.chance(0.55)
      ? Material(CR_LABEL, shade, label, shade, height * 0.16, height * 0.36).anyFinish(&numbers)
      : Material.plain(shade).anyFinish(&numbers)
    var mesh = Mesh.revolved(profile, segments: 28, body)
    let cap = numbers.chance(0.5) ? Colour.grey(0.12) : Colour.grey(0.9)
    mesh.add(
      .cylinder(
        bottom: radius * 0.48, top: radius * 0.44, height: height * 0.09, bevel: 0.2,
        Material.plain(cap).glossy(0.3, 40)
      ).moved(0, height * 0.94, 0))
    return Thing(category: "bottle", colour: colour, mesh: mesh)
  }
}
