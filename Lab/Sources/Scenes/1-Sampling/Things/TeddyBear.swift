import CRaster

/// Sitting teddy bears.
enum TeddyBear: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing { make(height: numbers.number(22, 40), &numbers) }

  static func make(height: Float, _ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick(weighted: [
      (ColourName.brown, Float(4)), (.white, 1), (.pink, 1), (.grey, 1), (.blue, 0.5),
    ])
    let shade =
      colour == .brown ? Colour.hex(numbers.pick([0x8a5426, 0x7a4a22, 0x9a6230])) : colour.shade(&numbers)
    let fur = Material(CR_MOTTLED, shade, shade * 0.7, Colour(), 1, seed: numbers.seed()).bumpy(0.9, size: 0.7)
    let pale = shade.mixed(with: .hex(0xf0dcc0), 0.6)
    let pad = Material.plain(pale)
    let dark = Material.plain(.grey(0.04)).glossy(0.7, 80)
    var mesh = Mesh()
    // In units of its height.
    func part(_ x: Float, _ y: Float, _ z: Float, _ r: Vector, _ material: Material, segments: Int = 18) {
      mesh.add(.ellipsoid(r * height, segments: segments, material).moved(x * height, y * height, z * height))
    }
    part(0, 0.32, 0, Vector(0.24, 0.29, 0.21), fur, segments: 24)
    part(0, 0.32, 0.07, Vector(0.16, 0.2, 0.16), pad)
    part(0, 0.74, 0.02, Vector(0.23, 0.21, 0.2), fur, segments: 24)
    part(0, 0.69, 0.17, Vector(0.1, 0.08, 0.09), pad)
    part(0, 0.72, 0.255, Vector(0.035, 0.025, 0.02), dark, segments: 10)
    for x: Float in [-1, 1] {
      part(x * 0.18, 0.92, 0, Vector(0.085, 0.085, 0.045), fur)
      part(x * 0.18, 0.92, 0.03, Vector(0.05, 0.05, 0.025), pad, segments: 12)
      part(x * 0.085, 0.79, 0.185, Vector(0.026, 0.026, 0.02), dark, segments: 10)
      var arm = Mesh.ellipsoid(Vector(0.09, 0.2, 0.09) * height, fur)
      arm = arm.moved(.roll(x * 0.12)).moved(.pitch(0.07))
      mesh.add(arm.moved(x * 0.27 * height, 0.42 * height, 0.08 * height))
      let leg = Mesh.ellipsoid(Vector(0.11, 0.1, 0.22) * height, fur).moved(Placement(yaw: x * 0.06))
      mesh.add(leg.moved(x * 0.17 * height, 0.11 * height, 0.22 * height))
      part(x * 0.225, 0.12, 0.4, Vector(0.08, 0.085, 0.035), pad, segments: 14)
    }
    if numbers.chance(0.4) {
      let ribbon = Material.plain(ColourName.any(but: [colour], &numbers).shade(&numbers))
      for x: Float in [-1, 1] { part(x * 0.07, 0.56, 0.2, Vector(0.07, 0.04, 0.03), ribbon, segments: 12) }
    }
    return Thing(category: "teddy bear", colour: colour, mesh: mesh.standing(), yaw: 0.16)
  }
}
