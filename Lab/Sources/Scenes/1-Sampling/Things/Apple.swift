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
