import CRaster

/// Phones lying with the screen or the back up.
enum CellPhone: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let width = numbers.number(6.8, 7.8)
    let length = width * numbers.number(1.95, 2.15)
    let colour = numbers.pick([ColourName.black, .black, .white, .grey, .red, .blue, .pink])
    let shell = Material.plain(colour.shade(&numbers)).glossy(0.4, 60, mirror: 0.04)
    var mesh = Mesh.box(Vector(width, length, 0.9), rounded: 0.4, shell)
    var named: ColourName? = colour
    if numbers.chance(0.72) {
      let dark = numbers.chance(0.25)
      named = dark ? .black : nil
      let glass = Material.plain(.grey(0.06)).glossy(0.8, 250, mirror: 0.05)
      let hue = ColourName.any(but: [.black, .brown, .grey], &numbers).shade(&numbers)
      let picture = Material(
        CR_SCREEN, hue, ColourName.any(but: [.black, .brown, .grey], &numbers).shade(&numbers), Colour(), 7,
        seed: numbers.seed()
      ).lit(1)
      mesh.add(
        .sheet(
          Vector(-width * 0.46, length * 0.015, 0.46), Vector(width * 0.92, 0, 0), Vector(0, length * 0.97, 0),
          glass))
      if !dark {
        mesh.add(
          .sheet(
            Vector(-width * 0.42, length * 0.05, 0.48), Vector(width * 0.84, 0, 0),
            Vector(0, length * 0.9, 0), extent: SIMD2(1, 1), picture))
      }
    } else {
      let lens = Material.plain(.grey(0.04)).glossy(0.9, 200, mirror: 0.08)
      mesh.add(
        .box(Vector(width * 0.36, width * 0.4, 0.3), rounded: 0.12, .plain(.grey(0.14)).glossy(0.3, 40))
          .moved(-width * 0.26, length * 0.75, 0.5))
      for y: Float in [0.79, 0.87] {
        mesh.add(
          .ellipsoid(Vector(0.85, 0.85, 0.25), segments: 14, lens).moved(-width * 0.26, length * y, 0.65))
      }
    }
    return Thing(category: "cell phone", colour: named, mesh: mesh.moved(.pitch(-0.25)).standing())
  }
}
