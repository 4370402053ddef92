import CRaster

/// Slatted benches.
enum Bench: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick(weighted: [
      (ColourName.brown, Float(4)), (.green, 1), (.white, 1), (.blue, 1), (.red, 1),
    ])
    let shade =
      colour == .brown ? Colour.hex(numbers.pick([0x7a4a24, 0x8a5a30, 0x6a3d1c])) : colour.shade(&numbers)
    let wood = Material(CR_WOOD, shade, shade * 0.7, Colour(), 2, seed: numbers.seed()).glossy(0.08, 12)
    let frame = Material.plain(numbers.chance(0.6) ? .grey(0.1) : shade * 0.8).glossy(0.3, 30)
    let width = numbers.number(130, 180)
    var mesh = Mesh()
    for i in 0..<4 {
      mesh.add(.box(Vector(width, 3.5, 9), rounded: 1, wood).moved(0, 43, Float(i) * 11 - 16))
    }
    if numbers.chance(0.85) {
      for i in 0..<3 {
        mesh.add(
          .box(Vector(width, 10, 3), rounded: 1, wood).moved(0, 54 + Float(i) * 13, -24 - Float(i) * 2.5))
      }
    }
    for x: Float in [-1, 1] {
      let at = x * (width / 2 - 14)
      mesh.add(
        .box(Vector(6, 43, 6), rounded: 1, frame).moved(at, 0, 17),
        .box(Vector(6, 43, 6), rounded: 1, frame).moved(at, 0, -18),
        .box(Vector(6, 4, 44), rounded: 1, frame).moved(at, 39, 0),
        .box(Vector(6, 45, 4), rounded: 1, frame).moved(.pitch(-0.03, at: Vector(at, 42, -22))))
    }
    return Thing(category: "bench", colour: colour, mesh: mesh, yaw: 0.14)
  }
}
