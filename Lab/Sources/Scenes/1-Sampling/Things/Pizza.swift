import CRaster

/// Whole pizzas.
enum Pizza: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(11, 15)
    let seed = numbers.seed()
    let crust = Material(CR_MOTTLED, .hex(0xcf9a55), .hex(0xa56a2c), Colour(), 1.5, seed: seed)
    var mesh = Mesh.revolved(
      Mesh.outline(
        (0, 0), (radius * 0.96, 0), (radius, 0.7), (radius * 0.97, 1.6),
        (radius * 0.9, 1.9), (radius * 0.86, 1.2)), segments: 44, crust)
    mesh.add(
      .revolved(
        Mesh.outline((radius * 0.88, 1.25), (0, 1.4)), segments: 36,
        Material(CR_MOTTLED, .hex(0xe8b93c), .hex(0xc4441c), Colour(), 2.2, seed: seed &+ 1).glossy(0.2, 25)))
    let salami = Material(CR_MOTTLED, .hex(0xa52a1c), .hex(0x7d1c14), Colour(), 0.6, seed: seed)
    let greens = numbers.chance(0.5)
    for i in 0..<numbers.whole(8...14) {
      let at = (Float(i) * 0.6180339).truncatingRemainder(dividingBy: 1)
      let out = radius * 0.78 * ((Float(i) + 0.5) / 14).squareRoot()
      let x = cosine(turns: Float(i) * 0.381966 + at * 0.1) * out
      let z = sine(turns: Float(i) * 0.381966 + at * 0.1) * out
      let green = greens && i % 3 == 0
      mesh.add(
        .cylinder(
          bottom: green ? 0.9 : 1.7, top: green ? 0.8 : 1.6, height: 0.35, segments: 14,
          green ? .plain(.hex(0x3f7a24)) : salami
        ).moved(x, 1.35, z))
    }
    return Thing(category: "pizza", colour: nil, mesh: mesh)
  }
}
