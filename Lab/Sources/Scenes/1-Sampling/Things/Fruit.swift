import CRaster

/// Red, green and yellow apples.
enum Apple: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick(weighted: [(ColourName.red, Float(0.5)), (.green, 0.35), (.yellow, 0.15)])
    let skin: Colour
    let cheek: Colour
    switch colour {
    case .green:
      skin = .hex(numbers.pick([0x7fae26, 0x8dbb3a, 0x6b9e22]))
      cheek = skin.mixed(with: .hex(0xb7cf5a), 0.5)
    case .yellow:
      skin = .hex(0xe6c733)
      cheek = .hex(0xe0a52c)
    default:
      skin = .hex(numbers.pick([0xb3141c, 0xc41f1f, 0x9c1018]))
      cheek = skin.mixed(with: .hex(0xd8602a), numbers.number(0.2, 0.7))
    }
    let radius = numbers.number(3.4, 4.4)
    let tall = numbers.number(0.88, 1)
    let steps = 18
    let profile = (0...steps).map { i -> SIMD2<Float> in
      let turn = Float(i) / Float(steps) * 0.5
      let s = max(0, sine(turns: turn))
      let c = -cosine(turns: turn)
      // Dimples at both ends and broad shoulders.
      let dent = (1 - s) * (1 - s)
      let height = c * (1 - (c > 0 ? 0.36 : 0.18) * dent) * tall
      return SIMD2(s * radius * (1 + 0.07 * c), height * radius)
    }
    var mesh = Mesh.revolved(
      profile, segments: 28,
      Material(CR_APPLE, skin, cheek, Colour(), radius, seed: numbers.seed()).glossy(0.35, 45, mirror: 0.03))
    let top = profile[steps].y
    let lean = numbers.around(0.7)
    let stem = Material.plain(.hex(0x4a3115))
    mesh.add(
      .tube(
        [Vector(0, top - 0.3, 0), Vector(lean * 0.4, top + 0.9, 0), Vector(lean, top + 1.9, 0)],
        radii: [0.2, 0.17, 0.26], sides: 6, stem))
    if numbers.chance(0.3) {
      mesh.add(
        Leaf.make(length: 3, width: 1.3, droop: 0.3, rise: 0.4, Material.plain(.hex(0x3f7a28)).glossy(0.2, 25)),
        Placement(at: Vector(lean * 0.4, top + 0.9, 0), yaw: numbers.unit()))
    }
    return Thing(category: "apple", colour: colour, mesh: mesh.moved(.roll(numbers.around(0.04))).standing())
  }
}

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
