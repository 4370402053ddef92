import CRaster

/// Wine, beer and water bottles, and those of coloured plastic.
enum Bottle: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    switch numbers.whole(0...3) {
    case 0: return wine(&numbers)
    case 1: return water(&numbers)
    default: return opaque(&numbers)
    }
  }

  private static func outline(
    radius: Float, height: Float, neck: Float, shoulder: Float, neckStart: Float
  ) -> [SIMD2<Float>] {
    Mesh.outline((0, 0), (radius * 0.9, 0), (radius, radius * 0.15))
      + Mesh.curve(
        Mesh.outline(
          (radius, height * shoulder), (radius * 0.92, height * (shoulder * 0.65 + neckStart * 0.35)),
          ((radius + neck) * 0.48, height * (shoulder * 0.3 + neckStart * 0.7)),
          (neck, height * neckStart), (neck * 0.95, height)), steps: 4)
  }

  private static func wine(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(3.4, 4)
    let height = numbers.number(26, 31)
    let profile = outline(
      radius: radius, height: height, neck: 1.35, shoulder: numbers.number(0.52, 0.62),
      neckStart: numbers.number(0.72, 0.78))
    let (colour, shade): (ColourName, Colour) = numbers.pick([
      (.green, .hex(0x1f5a26)), (.brown, .hex(0x4f2a0e)), (.black, .hex(0x17191a)),
    ])
    let paper = numbers.pick([Colour.hex(0xf2ead6), .grey(0.95), .hex(0xd8c690)])
    var mesh = Mesh.revolved(
      profile, segments: 28,
      Material(CR_LABEL, shade, paper, shade.mixed(with: paper, 0.2), height * 0.14, height * 0.42)
        .glossy(0.8, 160, mirror: 0.07))
    let foil = numbers.pick([Colour.hex(0x8a1222), .hex(0x1a1a1c), .hex(0xb89030)])
    mesh.add(
      .cylinder(bottom: 1.5, top: 1.48, height: height * 0.13, bevel: 0.2, .plain(foil).glossy(0.5, 50))
        .moved(0, height * 0.885, 0))
    return Thing(category: "bottle", colour: colour, mesh: mesh)
  }

  private static func water(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(3, 4.2)
    let height = numbers.number(19, 28)
    let profile = outline(
      radius: radius, height: height, neck: 1.4, shoulder: numbers.number(0.6, 0.7), neckStart: 0.86)
    let tint = numbers.pick([Colour(0.86, 0.93, 0.97), Colour(0.7, 0.9, 0.8), Colour(0.62, 0.82, 0.95)])
    var mesh = Mesh.revolved(profile, segments: 28, .glass(tint, clearness: 0.8))
    let cap = ColourName.any(&numbers).shade(&numbers)
    let label = ColourName.any(but: [.black, .grey], &numbers).shade(&numbers)
    mesh.add(
      .cylinder(bottom: 1.6, top: 1.6, height: 1.9, bevel: 0.2, .plain(cap).glossy(0.3, 40))
        .moved(0, height - 0.8, 0),
      .revolved(
        Mesh.outline((radius + 0.05, height * 0.28), (radius + 0.05, height * 0.52)), segments: 28,
        Material(CR_LABEL, label, label, .grey(0.95), height * 0.28, height * 0.52).glossy(0.2, 30)))
    return Thing(category: "bottle", colour: nil, mesh: mesh)
  }

  private static func opaque(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let shade = colour.shade(&numbers)
    let radius = numbers.number(3, 4.4)
    let height = radius * numbers.number(4.6, 6.8)
    let profile = outline(
      radius: radius, height: height, neck: radius * numbers.number(0.32, 0.45),
      shoulder: numbers.number(0.45, 0.68), neckStart: numbers.number(0.78, 0.86))
    let label = numbers.chance(0.5) ? Colour.grey(0.93) : shade.mixed(with: .grey(0.93), 0.6)
    let body =
      numbers.chance(0.55)
      ? Material(CR_LABEL, shade, label, shade, height * 0.16, height * 0.36).anyFinish(&numbers)
      : Material.plain(shade).anyFinish(&numbers)
    var mesh = Mesh.revolved(profile, segments: 28, body)
    let cap = numbers.chance(0.5) ? Colour.grey(0.12) : Colour.grey(0.9)
    mesh.add(
      .cylinder(
        bottom: radius * 0.48, top: radius * 0.44, height: height * 0.09, bevel: 0.2,
        Material.plain(cap).glossy(0.3, 40)
      ).moved(0, height * 0.94, 0))
    return Thing(category: "bottle", colour: colour, mesh: mesh)
  }
}

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

/// Bellied, waisted and slender vases, plain or painted, some with flowers.
enum Vase: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let glaze = colour.shade(&numbers)
    let height = numbers.number(16, 30)
    let belly = height * numbers.number(0.2, 0.34)
    let shapes: [[(Float, Float)]] = [
      [(0.5, 0), (0.92, 0.2), (1, 0.38), (0.7, 0.62), (0.36, 0.8), (0.4, 0.9), (0.58, 1)],
      [(0.42, 0), (0.6, 0.2), (0.95, 0.55), (1, 0.7), (0.7, 0.86), (0.45, 0.92), (0.55, 1)],
      [(0.7, 0), (0.85, 0.12), (0.62, 0.42), (0.5, 0.62), (0.7, 0.85), (1, 1)],
      [(0.55, 0), (1, 0.25), (0.98, 0.32), (0.35, 0.52), (0.27, 0.75), (0.3, 0.92), (0.48, 1)],
    ]
    let wobble = numbers.number(0.92, 1.08)
    let outline = Mesh.curve(
      numbers.pick(shapes).map { SIMD2($0.0 * belly, ($0.1 > 0 && $0.1 < 1 ? $0.1 * wobble : $0.1) * height) },
      steps: 5)
    let light = numbers.chance(0.5) ? Colour.grey(0.93) : ColourName.any(&numbers).shade(&numbers)
    var named: ColourName? = colour
    let material: Material
    switch numbers.whole(0...6) {
    case 0:
      material = Material(CR_STRIPES, glaze, light, Colour(), height * numbers.number(0.12, 0.25), 0.28)
    case 1:
      material = Material(CR_DOTS, glaze, light, Colour(), 3, 0.24)
    case 2:
      material = Material(CR_LABEL, glaze, glaze.mixed(with: light, 0.8), glaze, height * 0.3, height * 0.5)
    case 3:
      material = Material(
        CR_MOTTLED, glaze, glaze.mixed(with: .grey(0.9), 0.35), Colour(), 3, seed: numbers.seed())
    default: material = .plain(glaze)
    }
    let rim = outline[outline.count - 1]
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0)) + outline + Mesh.outline((rim.x - 0.4, rim.y))
        + outline.suffix(8).reversed().map { SIMD2(max($0.x - 0.5, 0.3), $0.y - 0.1) }
        + Mesh.outline((0, height * 0.6)),
      segments: 36, around: 18, material.anyFinish(&numbers))
    if numbers.chance(0.3) {
      mesh.add(
        Flowers.bunch(height: height * numbers.number(0.5, 0.8), spread: belly * 1.3, &numbers).moved(
          0, height * 0.9, 0))
      named = nil
    }
    return Thing(category: "vase", colour: named, mesh: mesh)
  }
}

/// A bowl of clear glass on a stem, empty or with wine.
enum WineGlass: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let bowl = numbers.number(3.2, 4.4)
    let height = numbers.number(16, 21)
    let foot = bowl * numbers.number(0.85, 1)
    let start = height * numbers.number(0.42, 0.5)
    let mouth = bowl * numbers.number(0.72, 0.95)
    let cup = Mesh.curve(
      Mesh.outline(
        (0.4, start), (bowl * 0.72, start + (height - start) * 0.16),
        (bowl, start + (height - start) * 0.42), (mouth, height)), steps: 6)
    let glass = Material.glass(Colour(0.93, 0.96, 0.97), clearness: 0.96)
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0), (foot, 0), (foot, 0.2), (foot * 0.45, 0.6), (0.45, 1.4), (0.38, start * 0.6))
        + cup, segments: 32, glass)
    if numbers.chance(0.65) {
      let wine = numbers.pick([Colour.hex(0x5c0716), .hex(0x7a0c1e), .hex(0xe3c25a), .hex(0xe58a8a)])
      let level = Int(Float(cup.count) * numbers.number(0.42, 0.68))
      let body = cup.prefix(level).map { SIMD2(max($0.x - 0.15, 0.05), $0.y + 0.1) }
      if let surface = body.last {
        mesh.add(
          .revolved(
            Mesh.outline((0, start + 0.1)) + body + Mesh.outline((0, surface.y)), segments: 28,
            Material.plain(wine).glossy(0.4, 90, mirror: 0.03)))
      }
    }
    return Thing(category: "wine glass", colour: nil, mesh: mesh)
  }
}
