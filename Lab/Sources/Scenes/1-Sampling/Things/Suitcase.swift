import CRaster

/// Upright suitcases with wheels and a handle.
enum Suitcase: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(but: [.white], &numbers)
    let shade = colour.shade(&numbers)
    let width = numbers.number(36, 48)
    let height = width * numbers.number(1.3, 1.55)
    let depth = numbers.number(20, 28)
    let shell = Material(CR_STRIPES, shade, shade * 0.62, Colour(), width / 7, 0.2).glossy(
      0.35, 40, mirror: 0.02)
    let plain = Material.plain(shade).glossy(0.35, 40, mirror: 0.02)
    var body = Mesh.box(Vector(width, height, depth), rounded: 5, plain, sides: [.front: shell, .back: shell])
    // The ribs run upwards.
    for i in body.vertices.indices { body.vertices[i].v = body.vertices[i].u }
    var mesh = body.moved(0, 5, 0)
    let dark = Material.plain(.grey(0.08)).glossy(0.2, 20)
    for x: Float in [-1, 1] {
      for z: Float in [-1, 1] {
        let wheel = Mesh.cylinder(bottom: 2.6, top: 2.6, height: 2.4, bevel: 0.4, segments: 14, dark)
          .moved(.roll(0.25))
        mesh.add(wheel.moved(x * (width / 2 - 5) + 1.2, 2.7, z * (depth / 2 - 4)))
      }
    }
    mesh.add(.box(Vector(width + 0.4, height + 0.4, 0.8), rounded: 5, .plain(shade * 0.3)).moved(0, 4.8, 0))
    let rise = numbers.chance(0.55) ? numbers.number(20, 36) : 5
    let grip = width * 0.2
    let steel = rise > 10 ? Material.plain(.grey(0.62)).glossy(0.6, 60, mirror: 0.1) : dark
    for x: Float in [-1, 1] {
      mesh.add(
        .bar(
          Vector(x * grip, height + 4, -depth * 0.25), Vector(x * grip, height + 4 + rise, -depth * 0.25),
          radius: 0.9, steel))
    }
    mesh.add(
      .bar(
        Vector(-grip - 1, height + 4 + rise, -depth * 0.25), Vector(grip + 1, height + 4 + rise, -depth * 0.25),
        radius: 1.5, dark))
    return Thing(category: "suitcase", colour: colour, mesh: mesh, yaw: 0.5)
  }
}
