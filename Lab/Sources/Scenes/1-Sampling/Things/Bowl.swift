import CRaster

/// Wide open bowls, empty or with something in them.
enum Bowl: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let glaze = colour.shade(&numbers)
    let radius = numbers.number(7, 12)
    let height = radius * numbers.number(0.42, 0.62)
    let foot = radius * numbers.number(0.35, 0.5)
    let fullness = numbers.number(0.72, 0.88)
    let side = Mesh.curve(
      Mesh.outline(
        (foot, 0.6), (radius * fullness, height * 0.42),
        (radius * 0.95, height * 0.75), (radius, height)), steps: 5)
    let wall: Float = 0.5
    let inside = side.reversed().map { SIMD2(max($0.x - wall, 0.5), max($0.y + 0.15, 1.2)) }
    let wood = colour == .brown && numbers.chance(0.7)
    let outer =
      wood
      ? Material(CR_WOOD, glaze, glaze * 0.5, Colour(), 0.8, seed: numbers.seed()).glossy(0.15, 20)
      : numbers.chance(0.25)
        ? Material(CR_LABEL, glaze, .grey(0.93), .grey(0.93), height * 0.7, height * 0.86).anyFinish(&numbers)
        : Material.plain(glaze).anyFinish(&numbers)
    let china = Material.plain(.grey(0.93)).glossy(0.4, 60, mirror: 0.03)
    let lining = wood || numbers.chance(0.6) ? outer : colour == .white ? china : china.apart()
    var mesh = Mesh.revolved(Mesh.outline((0, 0), (foot, 0)) + side, segments: 40, outer)
    mesh.add(
      .revolved(
        Mesh.outline((radius, height), (radius - wall / 2, height + 0.2)) + inside + Mesh.outline((0, 1.2)),
        segments: 40, lining))
    var hollow: Thing.Hollow? = Thing.Hollow(floor: 1.2, radius: radius * 0.8)
    if numbers.chance(0.25) {
      // Soup or porridge.
      let food = numbers.pick([Colour.hex(0xb5401a), .hex(0xd9a441), .hex(0xe6d8b8), .hex(0x6f8a34)])
      mesh.add(
        .revolved(
          Mesh.outline((0, height * 0.72), (radius * 0.92, height * 0.72)), segments: 32,
          Material(CR_MOTTLED, food, food * 0.75, Colour(), 1.2, seed: numbers.seed()).glossy(0.2, 40).apart()))
      hollow = nil
    }
    return Thing(category: "bowl", colour: colour, mesh: mesh, hollow: hollow)
  }
}
