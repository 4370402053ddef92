import CRaster

/// Mugs, teacups and paper cups.
enum Cup: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let glaze = colour.shade(&numbers)
    var mesh = Mesh()
    let kind = numbers.pick(weighted: [(0, 0.6), (1, 0.25), (2, 0.15)])
    if kind == 2 {
      // A paper cup with a lid, or with a sleeve.
      let height = numbers.number(9, 13)
      let top = numbers.number(4, 4.8)
      let bottom = top * numbers.number(0.68, 0.78)
      mesh.add(
        .cylinder(bottom: bottom, top: top, height: height, .plain(glaze).glossy(0.08, 12)),
        .cylinder(
          bottom: top * 1.06, top: top * 0.98, height: 1.4, bevel: 0.3,
          Material.plain(numbers.chance(0.5) ? .grey(0.95) : .grey(0.1)).glossy(0.3, 40)
        ).moved(0, height - 0.3, 0))
      return Thing(category: "cup", colour: colour, mesh: mesh)
    }
    let height = kind == 1 ? numbers.number(5.5, 7) : numbers.number(7.5, 11)
    let top = kind == 1 ? numbers.number(4.8, 5.8) : numbers.number(3.6, 4.9)
    let bottom = top * (kind == 1 ? numbers.number(0.5, 0.62) : numbers.number(0.78, 1))
    let wall: Float = 0.4
    let belly = kind == 1 ? numbers.number(0.8, 0.95) : numbers.number(0.9, 1.08)
    let side = Mesh.curve(
      Mesh.outline(
        (bottom, 0.4), ((bottom + top) / 2 * belly, height * 0.4),
        ((bottom + top * 2) / 3 * (belly + 2) / 3, height * 0.7), (top, height)), steps: 4)
    let inside = side.reversed().map { SIMD2(max($0.x - wall, 0.3), max($0.y - 0.05, 1)) }
    let body = surface(glaze, height: height, radius: top, &numbers)
    mesh.add(
      .revolved(Mesh.outline((0, 0), (bottom * 0.85, 0)) + side, segments: 32, around: 24, body),
      .revolved(
        Mesh.outline((top, height), (top - wall * 0.5, height + 0.12)) + inside + Mesh.outline((0, 1)),
        segments: 32,
        Material.plain(numbers.chance(0.5) ? glaze : .grey(0.93)).glossy(0.3, 50)))
    // The handle: most of a ring in the plane of the axis.
    let reach = height * numbers.number(0.26, 0.36)
    let middle = height * numbers.number(0.48, 0.56)
    let at = (bottom + top) / 2 * belly * 0.94
    let path = (0...10).map { i -> Vector in
      let turn = 0.25 - Float(i) / 20
      return Vector(at + cosine(turns: turn) * reach * 0.95, middle + sine(turns: turn) * reach, 0)
    }
    mesh.add(
      .tube(
        path, radii: Array(repeating: numbers.number(0.5, 0.72), count: path.count), sides: 10,
        Material.plain(glaze).glossy(0.4, 60, mirror: 0.03)))
    if numbers.chance(0.55) {
      // Coffee, tea or milk.
      let drink = numbers.pick([Colour.hex(0x2a1508), .hex(0x8a4a18), .hex(0xc9a27a), .hex(0xe8dcc8)])
      let level = height * numbers.number(0.7, 0.88)
      mesh.add(
        .revolved(
          Mesh.outline((0, level), (top * 0.93 * belly, level)), segments: 24,
          Material.plain(drink).glossy(0.5, 120, mirror: 0.04)))
    }
    if kind == 1 && numbers.chance(0.5) {
      mesh = mesh.moved(0, 0.8, 0)
      mesh.add(
        .revolved(
          Mesh.outline((0, 0), (top * 0.8, 0), (top * 1.5, 1.1), (top * 1.48, 1.3), (top * 0.7, 0.5), (0, 0.5)),
          segments: 36, Material.plain(glaze).glossy(0.4, 60, mirror: 0.03)))
    }
    return Thing(category: "cup", colour: colour, mesh: mesh)
  }

  private static func surface(
    _ glaze: Colour, height: Float, radius: Float, _ numbers: inout SceneNumbers
  ) -> Material {
    let light = Colour.grey(0.93).mixed(with: glaze, 0.1)
    switch numbers.whole(0...7) {
    case 0:
      return Material(CR_LABEL, glaze, light, light, height * 0.72, height * 0.84).anyFinish(&numbers)
    case 1:
      return Material(CR_LABEL, glaze, glaze.mixed(with: light, 0.7), glaze, height * 0.3, height * 0.7)
        .anyFinish(&numbers)
    case 2: return Material(CR_DOTS, glaze, light, Colour(), 2.4, 0.2).anyFinish(&numbers)
    default: return Material.plain(glaze).anyFinish(&numbers)
    }
  }
}
