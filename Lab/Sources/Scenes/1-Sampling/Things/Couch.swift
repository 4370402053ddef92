import CRaster

/// Upholstered couches for two or three.
enum Couch: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let shade = colour.shade(&numbers)
    let cloth = Material(CR_WEAVE, shade, shade * 0.85, Colour(), 1.2, seed: numbers.seed())
    let seats = numbers.whole(2...3)
    let seatWidth = numbers.number(52, 66)
    let arm = numbers.number(12, 20)
    let width = Float(seats) * seatWidth + 2 * arm
    let depth = numbers.number(80, 92)
    let height = numbers.number(70, 88)
    var mesh = Mesh.box(Vector(width, 26, depth), rounded: 4, cloth).moved(0, 8, 0)
    mesh.add(.box(Vector(width, height - 10, 20), rounded: 6, cloth).moved(0, 10, -depth / 2 + 10))
    for x: Float in [-1, 1] {
      mesh.add(.box(Vector(arm, 48, depth), rounded: 5, cloth).moved(x * (width - arm) / 2, 8, 0))
      for z: Float in [-1, 1] {
        mesh.add(
          .cylinder(bottom: 2, top: 3, height: 9, .plain(.hex(0x3a2413)))
            .moved(x * (width / 2 - 8), 0, z * (depth / 2 - 8)))
      }
    }
    for i in 0..<seats {
      let x = (Float(i) - Float(seats - 1) / 2) * seatWidth
      mesh.add(
        .box(Vector(seatWidth - 1, 15, depth - 24), rounded: 4.5, cloth).moved(x, 31, 9),
        .box(Vector(seatWidth - 1, 36, 15), rounded: 6, cloth)
          .moved(.pitch(-0.03, at: Vector(x, 45, -depth / 2 + 26))))
    }
    return Thing(category: "couch", colour: colour, mesh: mesh, yaw: 0.12)
  }
}
