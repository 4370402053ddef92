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

/// Wooden and plastic chairs, stools excepted: every one has a back.
enum Chair: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick(
      weighted: [(ColourName.brown, Float(2))] + ColourName.allCases.map { ($0, Float(1)) })
    let shade = colour.shade(&numbers)
    let wooden = colour == .brown || numbers.chance(0.4)
    let body =
      wooden
      ? Material(CR_WOOD, shade, shade * 0.72, Colour(), 1.5, seed: numbers.seed()).glossy(
        0.15, 20, mirror: 0.015)
      : Material.plain(shade).glossy(0.3, 30, mirror: 0.02)
    let metal = !wooden && numbers.chance(0.6)
    let legs =
      metal ? Material.plain(.grey(numbers.chance(0.5) ? 0.75 : 0.1)).glossy(0.6, 60, mirror: 0.15) : body
    let width = numbers.number(40, 48)
    let depth = numbers.number(38, 45)
    let seat = numbers.number(42, 48)
    let back = numbers.number(36, 52)
    let radius: Float = metal ? 1.3 : numbers.number(1.7, 2.5)
    let splay = numbers.number(0, 4)
    var mesh = Mesh()
    for x: Float in [-1, 1] {
      for z: Float in [-1, 1] {
        let top = Vector(x * (width / 2 - 3), seat, z * (depth / 2 - 3))
        mesh.add(.bar(Vector(top.x + x * splay, 0, top.z + z * splay), top, radius: radius, legs))
      }
    }
    if wooden && numbers.chance(0.5) {
      for x: Float in [-1, 1] {
        let at = x * (width / 2 - 3 + splay * 0.6)
        mesh.add(
          .bar(Vector(at, seat * 0.4, -depth / 2 + 3), Vector(at, seat * 0.4, depth / 2 - 3), radius: 1.2, legs)
        )
      }
    }
    mesh.add(.box(Vector(width, 4, depth), rounded: 1.6, body).moved(0, seat, 0))
    let cushion = wooden && numbers.chance(0.25)
    if cushion {
      mesh.add(
        .box(Vector(width * 0.92, 4, depth * 0.92), rounded: 1.9, .plain(shade * 0.85)).moved(0, seat + 3.6, 0))
    }
    // The back leans a little.
    var rest = Mesh()
    switch numbers.whole(0...2) {
    case 0:
      rest.add(.box(Vector(width * 0.96, back * 0.62, 2.6), rounded: 1.2, body).moved(0, back * 0.38, 0))
    case 1:
      rest.add(.box(Vector(width, 7, 2.8), rounded: 1, body).moved(0, back - 7, 0))
      for i in 0..<5 {
        let x = (Float(i) / 4 - 0.5) * width * 0.66
        rest.add(.bar(Vector(x, 0, 0), Vector(x, back - 4, 0), radius: 1, body))
      }
    default:
      for i in 0..<3 {
        rest.add(
          .box(Vector(width, 6.5, 2.2), rounded: 0.9, body).moved(0, back * (0.26 + 0.3 * Float(i)) - 4, 0))
      }
    }
    for x: Float in [-1, 1] {
      rest.add(
        .bar(Vector(x * (width / 2 - 2), -2, 0), Vector(x * (width / 2 - 2), back - 1, 0), radius: radius, legs)
      )
    }
    mesh.add(rest, .pitch(-numbers.number(0.01, 0.035), at: Vector(0, seat + 3, -depth / 2 + 2.5)))
    if numbers.chance(0.22) {
      for x: Float in [-1, 1] {
        let at = x * (width / 2 + 0.5)
        mesh.add(
          .box(Vector(4, 2.4, depth * 0.8), rounded: 1, body).moved(at, seat + 20, 0),
          .bar(Vector(at, seat, depth * 0.3), Vector(at, seat + 21, depth * 0.3), radius: radius, legs))
      }
    }
    return Thing(category: "chair", colour: colour, mesh: mesh)
  }
}

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
