import CRaster

/// Bound books: lying, open, or standing with the spine to the front.
enum Book: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    numbers.chance(0.22) ? open(&numbers) : lying(&numbers)
  }

  static func lying(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let width = numbers.number(13, 20)
    let depth = width * numbers.number(1.25, 1.5)
    let thickness = numbers.number(1.5, 5)
    let mesh = closed(width: width, height: depth, thickness: thickness, colour, &numbers)
    // On its back: what was up points away from the camera.
    let flat = mesh.moved(.pitch(-0.25)).standing()
    return Thing(
      category: "book", colour: colour, mesh: flat,
      top: Thing.Platform(height: thickness, halfWidth: width / 2, halfDepth: depth / 2))
  }

  /// Its spine towards the camera, as on a shelf.
  static func upright(height: Float, thickness: Float, _ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let mesh = closed(
      width: height * numbers.number(0.62, 0.75), height: height, thickness: thickness, colour, &numbers)
    return Thing(category: "book", colour: colour, mesh: mesh.moved(Placement(yaw: 0.25)).standing(), yaw: 0)
  }

  /// Upright, its front cover towards +z and its spine to the left.
  private static func closed(
    width: Float, height: Float, thickness: Float, _ colour: ColourName, _ numbers: inout SceneNumbers
  ) -> Mesh {
    let shade = colour.shade(&numbers)
    let mark = colour.contrast(&numbers)
    let seed = numbers.seed()
    let cloth = Material.plain(shade).glossy(0.12, 20)
    let front = Material(CR_COVER, shade, mark, seed: seed).glossy(0.2, 30, mirror: 0.02)
    let board: Float = min(0.35, thickness * 0.15)
    let paper = Material(CR_PAGES, .hex(0xf1ead8), seed: seed)
    var mesh = Mesh.box(
      Vector(width - 0.6, height - 0.7, thickness - 2 * board), paper
    ).moved(0, 0.35, 0)
    mesh.add(
      .box(Vector(width, height, board), cloth, sides: [.front: front], fractions: true)
        .moved(0, 0, thickness / 2 - board / 2),
      .box(Vector(width, height, board), cloth, sides: [.back: front], fractions: true)
        .moved(0, 0, -thickness / 2 + board / 2))
    let title = Material(
      CR_LABEL, shade, numbers.chance(0.5) ? mark : shade.mixed(with: mark, 0.5), mark,
      height * numbers.number(0.55, 0.65), height * numbers.number(0.78, 0.86)
    ).glossy(0.12, 20)
    mesh.add(
      .box(
        Vector(0.5, height, thickness), rounded: 0.2, cloth,
        sides: [.left: numbers.chance(0.7) ? title : cloth]
      ).moved(-width / 2, 0, 0))
    return mesh
  }

  private static func open(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let width = numbers.number(13, 18)
    let depth = width * numbers.number(1.25, 1.45)
    let bulge = numbers.number(1.2, 2.4)
    let page = Material(
      CR_BLINDS, .hex(0xf4efe2), .hex(0xb9b4aa), Colour(), width * 1.2, 1.15, seed: numbers.seed())
    var mesh = Mesh()
    for side: Float in [-1, 1] {
      var half = Mesh.surface(columns: 8, rows: 2, page) { u, v in
        let t = min(max(u, 0), 1)
        let height = bulge * (1 - (1 - min(t * 5, 1)) * (1 - min(t * 5, 1))) * (1 - 0.55 * t) + 0.4
        return Vector(side * (u * width + 0.1), height, (v - 0.5) * depth)
      }
      for i in half.vertices.indices {
        half.vertices[i].u = abs(half.vertices[i].position.x) + width * 0.12
        half.vertices[i].v *= depth
      }
      mesh.add(half)
      mesh.add(
        .box(
          Vector(width * 0.97, bulge * 0.5, depth * 0.98), Material(CR_PAGES, .hex(0xf1ead8))
        ).moved(side * width * 0.5, 0.2, 0))
    }
    mesh.add(
      .box(Vector(width * 2 + 1, 0.3, depth + 0.8), .plain(colour.shade(&numbers)).glossy(0.12, 20)))
    return Thing(category: "book", colour: nil, mesh: mesh, yaw: 0.12)
  }
}

/// Alarm clocks that stand and round clocks that hang on walls.
enum Clock: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let radius = numbers.number(4.5, 7)
    let metal = Material.plain(colour.shade(&numbers)).anyFinish(&numbers)
    var mesh = Mesh()
    let middle = radius + 1.4
    mesh.add(body(radius: radius, depth: radius * 0.8, metal, face: face(&numbers)).moved(0, middle, 0))
    for side: Float in [-1, 1] {
      mesh.add(
        .bar(
          Vector(side * radius * 0.62, 0, 0), Vector(side * radius * 0.5, radius * 0.7, 0),
          radius: radius * 0.1, metal))
    }
    if numbers.chance(0.6) {
      let brass = numbers.chance(0.5) ? metal : Material.plain(.hex(0xc8a040)).glossy(0.6, 60, mirror: 0.15)
      for side: Float in [-1, 1] {
        let bell = Mesh.revolved(
          Mesh.outline(
            (radius * 0.42, 0), (radius * 0.36, radius * 0.18), (radius * 0.2, radius * 0.29),
            (0, radius * 0.32)),
          segments: 18, brass)
        mesh.add(
          bell.moved(.roll(-side * 0.09, at: Vector(side * radius * 0.55, middle + radius * 0.86, 0))))
      }
      mesh.add(
        .tube(
          (0...8).map {
            let turn = Float($0) / 16
            return Vector(
              cosine(turns: turn) * radius * 0.3, middle + radius * (1.1 + 0.35 * sine(turns: turn)), 0)
          }, radii: Array(repeating: radius * 0.05, count: 9), sides: 6, metal))
    }
    return Thing(category: "clock", colour: colour, mesh: mesh, yaw: 0.1)
  }

  /// Its back on the plane z = 0, about the origin.
  static func onWall(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let radius = numbers.number(13, 20)
    let rim = Material.plain(colour.shade(&numbers)).anyFinish(&numbers)
    return Thing(
      category: "clock", colour: colour,
      mesh: body(radius: radius, depth: 4, rim, face: face(&numbers)).moved(0, 0, 2), yaw: 0)
  }

  private static func face(_ numbers: inout SceneNumbers) -> Material {
    let dark = numbers.chance(0.15)
    let hour = numbers.unit()
    return Material(
      CR_CLOCK_FACE, dark ? .grey(0.12) : .hex(0xf6f3ea), dark ? .grey(0.93) : .grey(0.07),
      .hex(0xb01818), hour, hour * 12
    ).glossy(0.15, 80)
  }

  /// A drum about the z axis.
  private static func body(radius: Float, depth: Float, _ rim: Material, face: Material) -> Mesh {
    let half = depth / 2
    var mesh = Mesh()
    let drum = Mesh.revolved(
      Mesh.outline(
        (0, -half), (radius * 0.9, -half), (radius, -half * 0.7), (radius, half * 0.8),
        (radius * 0.96, half), (radius * 0.88, half), (radius * 0.85, half * 0.75)), segments: 36, rim)
    mesh.add(drum, .pitch(0.25))
    let r = radius * 0.86
    var disc = Mesh.plate(
      (0..<36).map { SIMD2(cosine(turns: Float($0) / 36), sine(turns: Float($0) / 36)) * r }, depth: 0.1,
      face, rim: rim)
    for i in disc.vertices.indices {
      disc.vertices[i].u /= r
      disc.vertices[i].v /= r
    }
    mesh.add(disc.moved(0, 0, half * 0.75))
    return mesh
  }
}
