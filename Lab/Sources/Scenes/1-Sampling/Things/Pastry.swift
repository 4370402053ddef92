import CRaster

/// Round iced cakes with cherries or candles.
enum Cake: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(8, 12)
    let height = radius * numbers.number(0.65, 0.95)
    let colour = numbers.pick([ColourName.white, .pink, .brown, .white, .pink])
    let shade = colour == .brown ? Colour.hex(0x4f2a14) : colour.shade(&numbers)
    let icing = Material.plain(shade).glossy(0.15, 20)
    let second =
      numbers.chance(0.5)
      ? ColourName.any(but: [colour, .black, .grey], &numbers).shade(&numbers) : Colour.grey(0.95)
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0), (radius * 1.25, 0), (radius * 1.28, 0.5), (radius, 0.5)), segments: 36,
      Material.plain(.grey(0.9)).glossy(0.4, 60, mirror: 0.03))
    mesh.add(
      .cylinder(
        bottom: radius, top: radius * 0.98, height: height, bevel: 0.9, segments: 40, icing
      ).moved(0, 0.5, 0),
      .ring(radius: radius, thickness: 0.7, segments: 30, .plain(second)).moved(0, 1, 0))
    let candles = numbers.chance(0.5)
    let count = numbers.whole(5...9)
    for i in 0..<count {
      let turn = Float(i) / Float(count)
      let at = Vector(cosine(turns: turn), 0, sine(turns: turn)) * radius * 0.74
      if candles {
        mesh.add(
          .cylinder(bottom: 0.4, top: 0.4, height: 4.5, segments: 8, .plain(second)).moved(
            at.x, height + 0.4, at.z),
          .ellipsoid(Vector(0.4, 0.9, 0.4), segments: 8, Material.plain(.hex(0xffc23c)).lit(1))
            .moved(at.x, height + 5.6, at.z))
      } else {
        mesh.add(
          .ellipsoid(Vector(1.5, 0.8, 1.5), segments: 12, .plain(second)).moved(at.x, height + 0.8, at.z),
          .ball(radius: 1, segments: 12, Material.plain(.hex(0xa80f18)).glossy(0.6, 60)).moved(
            at.x, height + 1.8, at.z))
      }
    }
    return Thing(category: "cake", colour: nil, mesh: mesh)
  }
}

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
