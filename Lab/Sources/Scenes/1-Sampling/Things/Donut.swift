import CRaster

/// A ring of dough with icing.
enum Donut: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(3, 3.9)
    let thick = radius * numbers.number(0.44, 0.54)
    let flatness = numbers.number(0.75, 0.92)
    let dough = Material(CR_MOTTLED, .hex(0xc98a48), .hex(0xb06f30), Colour(), 1.4, seed: numbers.seed())
      .glossy(0.08, 12)
    var mesh = Mesh.ring(radius: radius, thickness: thick, flatness: flatness, dough)
    let colour = numbers.pick([ColourName.pink, .brown, .white, .pink, .brown, .blue, .green, .yellow])
    let shade =
      colour == .brown
      ? Colour.hex(0x4a2410) : colour.shade(&numbers).mixed(with: .grey(0.95), colour == .white ? 0 : 0.12)
    let icing =
      numbers.chance(0.5)
      ? Material(CR_SPRINKLES, shade, Colour(), Colour(), 0.55, 0.3, seed: numbers.seed()).glossy(
        0.4, 50, mirror: 0.02)
      : Material.plain(shade).glossy(0.45, 60, mirror: 0.03)
    let waves = Float(numbers.whole(5...9))
    let phase = numbers.unit()
    mesh.add(
      .surface(columns: 40, rows: 8, icing) { u, v in
        // From inside over the top to outside, with a wavy edge.
        let reach = 0.22 + 0.035 * sine(turns: u * waves + phase) + 0.015 * sine(turns: u * (waves + 4))
        let turn = 0.25 + (0.5 - v) * 2 * reach
        let r = radius + cosine(turns: turn) * thick * 1.05
        let y = sine(turns: turn) * thick * 1.06 * flatness
        return Vector(cosine(turns: u) * r, y, sine(turns: u) * r)
      })
    return Thing(category: "donut", colour: colour, mesh: mesh.standing())
  }
}
