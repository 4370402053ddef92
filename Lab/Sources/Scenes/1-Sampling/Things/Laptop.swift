import CRaster

/// Open laptops.
enum Laptop: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let width = numbers.number(29, 37)
    let depth = width * numbers.number(0.64, 0.72)
    let shell: Material = Material.plain(
      numbers.pick([Colour.grey(0.72), .grey(0.6), .grey(0.14), .grey(0.2), .grey(0.9)])
    ).glossy(0.3, 40, mirror: 0.02)
    let board: Float = 1.6
    var mesh = Mesh.box(Vector(width, board, depth), rounded: 0.5, shell)
    let keys = Material(
      CR_KEYS, shell.raw.a.x > 0.4 ? .grey(0.45) : .grey(0.08), .grey(shell.raw.a.x > 0.7 ? 0.85 : 0.2))
    mesh.add(
      .sheet(
        Vector(-width * 0.43, board + 0.05, depth * 0.06), Vector(width * 0.86, 0, 0),
        Vector(0, 0, -depth * 0.44), extent: SIMD2(13, 5), keys),
      .sheet(
        Vector(-width * 0.14, board + 0.05, depth * 0.43), Vector(width * 0.28, 0, 0),
        Vector(0, 0, -depth * 0.3), .plain(Colour.grey(0.4))))
    // The lid turns about the back edge.
    let height = depth * 0.98
    var lid = Mesh.box(Vector(width, height, 0.9), rounded: 0.35, shell)
    let lit = numbers.chance(0.8)
    let bezel = Material.plain(.grey(0.05)).glossy(0.5, 150, mirror: 0.05)
    lid.add(
      .sheet(
        Vector(-width * 0.485, height * 0.03, 0.5), Vector(width * 0.97, 0, 0), Vector(0, height * 0.94, 0),
        bezel))
    if lit {
      let first = ColourName.any(but: [.black, .brown], &numbers).shade(&numbers)
      let screen = Material(
        CR_SCREEN, first, ColourName.any(but: [.black, .brown], &numbers).shade(&numbers) * 0.7,
        ColourName.any(&numbers).shade(&numbers), 0, seed: numbers.seed()
      ).lit(1)
      lid.add(
        .sheet(
          Vector(-width * 0.46, height * 0.08, 0.54), Vector(width * 0.92, 0, 0),
          Vector(0, height * 0.85, 0), extent: SIMD2(1, 1), screen))
    }
    mesh.add(lid, .pitch(-numbers.number(0.02, 0.09), at: Vector(0, board, -depth * 0.49)))
    return Thing(category: "laptop", colour: nil, mesh: mesh, yaw: 0.16)
  }
}
