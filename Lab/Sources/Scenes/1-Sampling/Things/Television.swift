import CRaster

/// Flat televisions, standing or on a wall.
enum Television: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    make(width: numbers.number(45, 70), stand: true, &numbers)
  }

  static func onWall(_ numbers: inout SceneNumbers) -> Thing {
    make(width: numbers.number(85, 130), stand: false, &numbers)
  }

  private static func make(width: Float, stand: Bool, _ numbers: inout SceneNumbers) -> Thing {
    let height = width * 0.58
    let frame = Material.plain(.grey(0.07)).glossy(0.4, 60, mirror: 0.03)
    let depth: Float = stand ? 3 : 5
    var panel = Mesh.box(Vector(width, height, depth), rounded: 0.6, frame)
    if numbers.chance(0.6) {
      let picture = Material(
        CR_SCREEN, ColourName.any(&numbers).shade(&numbers), ColourName.any(&numbers).shade(&numbers),
        ColourName.any(&numbers).shade(&numbers), 0, seed: numbers.seed()
      ).lit(1)
      panel.add(
        .sheet(
          Vector(-width * 0.475, height * 0.045, depth / 2 + 0.1), Vector(width * 0.95, 0, 0),
          Vector(0, height * 0.91, 0), extent: SIMD2(1, 1), picture))
    } else {
      panel.add(
        .sheet(
          Vector(-width * 0.475, height * 0.045, depth / 2 + 0.1), Vector(width * 0.95, 0, 0),
          Vector(0, height * 0.91, 0), .plain(.grey(0.1)).glossy(0.7, 200, mirror: 0.12)))
    }
    guard stand else {
      return Thing(category: "tv", colour: nil, mesh: panel.moved(0, -height / 2, depth / 2), yaw: 0)
    }
    var mesh = panel.moved(0, 4, 0)
    mesh.add(
      .box(Vector(width * 0.12, 5, 2.5), frame),
      .box(Vector(width * 0.45, 1, width * 0.2), rounded: 0.4, frame))
    return Thing(category: "tv", colour: nil, mesh: mesh, yaw: 0.1)
  }
}
