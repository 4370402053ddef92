import CRaster

/// A banana, lying.
enum Banana: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let length = numbers.number(15, 20)
    let thick = numbers.number(1.5, 1.9)
    let bend = numbers.number(0.24, 0.36)
    let radius = length / (bend * 6.2831853)
    let steps = 18
    var path: [Vector] = []
    var radii: [Float] = []
    for i in 0...steps {
      let t = Float(i) / Float(steps)
      let turn = (t - 0.5) * bend
      path.append(Vector(sine(turns: turn) * radius, 0, -cosine(turns: turn) * radius))
      let taper = min(1, min(t * 6 + 0.32, (1 - t) * 3.2 + 0.22))
      radii.append(thick * taper * (i == steps ? 0.9 : 1))
    }
    let skin = Colour.hex(numbers.pick([0xf2d024, 0xeec81c, 0xf5d83a]))
    let peel = Material(
      CR_BANANA, skin, .hex(0x4a3412), Colour(), 1, numbers.chance(0.5) ? 0.7 : 0.15, seed: numbers.seed()
    ).glossy(0.15, 20)
    var mesh = Mesh.tube(path, radii: radii, sides: 5, peel)
    // Five soft edges: the normals of a rounder tube are half mixed in by doubling the sides.
    if numbers.chance(0.5) { mesh = Mesh.tube(path, radii: radii, sides: 10, peel) }
    let tilt = Placement.pitch(numbers.number(-0.08, 0.02))
    return Thing(category: "banana", colour: .yellow, mesh: mesh.moved(tilt).standing())
  }
}
