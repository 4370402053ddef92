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
