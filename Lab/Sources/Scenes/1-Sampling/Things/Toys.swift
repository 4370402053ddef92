import CRaster

/// Flying discs, lying.
enum Frisbee: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(but: [.green, .brown, .black, .grey], &numbers)
    let shade = colour.shade(&numbers)
    let radius = numbers.number(13, 15)
    let disc = Material.plain(shade).glossy(0.35, 40, mirror: 0.02)
    var mesh = Mesh.revolved(
      Mesh.outline(
        (radius * 0.97, 0), (radius, 0.8), (radius * 0.97, 2), (radius * 0.88, 2.9),
        (radius * 0.6, 3.4), (radius * 0.58, 3.2), (0, 3.4)), segments: 40, disc)
    mesh.add(
      .revolved(
        Mesh.outline((radius * 0.42, 3.42), (0, 3.5)), segments: 30,
        .plain(shade.mixed(with: .grey(0.95), 0.45))))
    return Thing(category: "frisbee", colour: colour, mesh: mesh)
  }
}

/// Basketballs, footballs, beach balls, tennis balls and plain rubber balls with a stripe.
enum SportsBall: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing { make(largest: 12.5, &numbers) }

  /// - Parameter largest: the radius of the largest; below 6 it is a tennis or rubber ball.
  static func make(largest: Float, _ numbers: inout SceneNumbers) -> Thing {
    let seed = numbers.seed()
    let kind = largest < 6 ? numbers.pick([3, 4, 4]) : numbers.pick([0, 1, 2, 4, 0, 1])
    var colour: ColourName?
    var radius = numbers.number(10.5, 12.5)
    let material: Material
    switch kind {
    case 0:
      material = Material(CR_BASKETBALL, .hex(numbers.pick([0xc8601c, 0xb8541a])), .grey(0.08), seed: seed)
        .glossy(0.12, 15).bumpy(0.3, size: 0.5)
    case 1:
      let patch = numbers.chance(0.7) ? ColourName.black : ColourName.any(but: [.white, .yellow], &numbers)
      material = Material(CR_FOOTBALL, .grey(0.94), patch.shade(&numbers), seed: seed).glossy(0.25, 30)
    case 2:
      radius = numbers.number(12, 18)
      let first = ColourName.any(but: [.white, .black, .grey, .brown], &numbers)
      let second = ColourName.any(but: [.white, .black, .grey, .brown, first], &numbers)
      material = Material(CR_BEACH_BALL, first.shade(&numbers), second.shade(&numbers), seed: seed)
        .glossy(0.5, 70, mirror: 0.03)
    case 3:
      radius = numbers.number(3.2, 3.4)
      material = Material(CR_TENNIS, .hex(0xcfe02f), .grey(0.95), seed: seed)
    default:
      let name = ColourName.any(but: [.orange, .brown, .black, .grey], &numbers)
      colour = name
      radius = largest < 6 ? numbers.number(3.6, 5.5) : numbers.number(7, 12)
      let stripe =
        name == .white ? ColourName.any(but: [.white, .grey], &numbers).shade(&numbers) : .grey(0.95)
      material = Material(CR_TENNIS, name.shade(&numbers), stripe, seed: seed).glossy(0.4, 50, mirror: 0.02)
    }
    let mesh = Mesh.ball(radius: radius, segments: 36, material)
    let lean = Placement.roll(numbers.unit())
    let turned = mesh.moved(lean).moved(.pitch(numbers.unit()))
    return Thing(category: "sports ball", colour: colour, mesh: turned.standing())
  }
}

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
