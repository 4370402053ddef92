import CRaster

/// A carrot with its greens, lying.
enum Carrot: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let length = numbers.number(13, 19)
    let thick = numbers.number(1.4, 2)
    let sway = numbers.around(1.2)
    let steps = 10
    let path = (0...steps).map { i -> Vector in
      let t = Float(i) / Float(steps)
      return Vector((t - 0.5) * length, 0, sway * sine(turns: t * 0.5))
    }
    let radii = (0...steps).map { i -> Float in
      let t = Float(i) / Float(steps)
      return thick * (t < 0.08 ? 0.6 + 5 * t : 1.06 - 0.92 * t)
    }
    let skin = Colour.hex(numbers.pick([0xf07a1a, 0xe86e12]))
    var mesh = Mesh.tube(
      path, radii: radii, sides: 14,
      Material(CR_BARK, skin, skin * 0.8, Colour(), 0.3, seed: numbers.seed()).glossy(0.15, 20))
    for _ in 0..<7 {
      let green = Material.plain(Colour.hex(0x3f8a2c) * numbers.number(0.7, 1.2))
      var leaf = Leaf.make(
        length: numbers.number(4, 7), width: 0.9, droop: 0.1, rise: numbers.number(0, 0.35), green)
      leaf = leaf.moved(Placement(yaw: 0.5 + numbers.around(0.08)))
      mesh.add(leaf.moved(-length / 2, 0, 0))
    }
    return Thing(category: "carrot", colour: .orange, mesh: mesh.standing())
  }
}
