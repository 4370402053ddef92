import CRaster

/// Remote controls, lying.
enum Remote: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick([ColourName.black, .black, .black, .grey, .white])
    let width = numbers.number(4.4, 5.4)
    let length = numbers.number(16, 21)
    let height: Float = 2.2
    let shell = Material.plain(colour.shade(&numbers)).glossy(0.2, 25)
    var mesh = Mesh.box(Vector(width, height, length), rounded: 0.9, shell)
    let button = colour == .black ? Colour.grey(0.62) : Colour.grey(0.12)
    mesh.add(
      .sheet(
        Vector(-width * 0.38, height + 0.04, length * 0.42), Vector(width * 0.76, 0, 0),
        Vector(0, 0, -length * 0.55), extent: SIMD2(3, 6),
        Material(CR_DOTS, colour.shade(&numbers), button, Colour(), 1, 0.3)))
    mesh.add(
      .ellipsoid(Vector(0.7, 0.3, 0.7), segments: 12, .plain(.hex(0xc01818)))
        .moved(-width * 0.25, height, -length * 0.42),
      .ellipsoid(Vector(1.5, 0.25, 1.5), segments: 14, .plain(button)).moved(0, height, -length * 0.26))
    return Thing(category: "remote", colour: colour, mesh: mesh)
  }
}
