import CRaster

/// Oranges, with their dimpled skin.
enum Orange: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(3.4, 4.5)
    let skin = Colour.hex(numbers.pick([0xf28c13, 0xef7f0e, 0xf59a1e]))
    let peel = Material(CR_MOTTLED, skin, skin * 0.88, Colour(), radius, seed: numbers.seed())
      .glossy(0.25, 25, mirror: 0.015).bumpy(0.5, size: 0.35)
    let flat = numbers.number(0.92, 1)
    var mesh = Mesh.ellipsoid(Vector(radius, radius * flat, radius), segments: 30, peel)
    mesh.add(
      .ellipsoid(Vector(0.5, 0.16, 0.5), segments: 10, .plain(.hex(0x5b6b22))).moved(0, radius * flat, 0))
    let lean = Placement.roll(numbers.around(0.2))
    return Thing(category: "orange", colour: .orange, mesh: mesh.moved(lean).standing())
  }
}
