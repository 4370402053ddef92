import CRaster

/// Flat keyboards.
enum Keyboard: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let width = numbers.number(34, 44)
    let depth = numbers.number(12, 15)
    let colour = numbers.pick([ColourName.black, .black, .white, .grey])
    let shell = colour.shade(&numbers)
    let keys = colour == .black ? Colour.grey(0.22) : colour == .white ? .grey(0.82) : .grey(0.15)
    var mesh = Mesh.box(Vector(width, 1.8, depth), rounded: 0.5, Material.plain(shell).glossy(0.15, 20))
    for (start, share, columns) in [(Float(-0.48), Float(0.72), Float(15)), (0.27, 0.21, 4)] {
      mesh.add(
        .sheet(
          Vector(width * start, 1.86, depth * 0.43), Vector(width * share, 0, 0),
          Vector(0, 0, -depth * 0.86), extent: SIMD2(columns, 6),
          Material(CR_KEYS, shell * 0.6, keys)))
    }
    return Thing(category: "keyboard", colour: colour == .grey ? nil : colour, mesh: mesh, yaw: 0.12)
  }
}
