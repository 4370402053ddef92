/// Computer mice.
enum Mouse: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick([ColourName.black, .black, .white, .white, .grey, .red, .blue])
    let shell = Material.plain(colour.shade(&numbers)).glossy(0.35, 40, mirror: 0.02)
    let width = numbers.number(5.8, 6.6)
    let length = width * numbers.number(1.6, 1.8)
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0), (0.97, 0), (1, 0.12), (0.93, 0.42), (0.78, 0.66), (0.5, 0.88), (0.25, 0.97), (0, 1)),
      segments: 28, shell)
    for i in mesh.vertices.indices {
      mesh.vertices[i].position *= Vector(width / 2, 3.6, length / 2)
      mesh.vertices[i].normal = (mesh.vertices[i].normal / Vector(width / 2, 3.6, length / 2)).direction
    }
    let dark = Material.plain(colour == .black ? .grey(0.35) : .grey(0.1))
    mesh.add(
      .ellipsoid(Vector(0.55, 0.9, 1.2), segments: 10, dark).moved(0, 2.9, -length * 0.25),
      .box(Vector(0.25, 0.5, length * 0.4), dark).moved(.pitch(-0.06, at: Vector(0, 2.62, -length * 0.24))))
    return Thing(category: "mouse", colour: colour, mesh: mesh, yaw: 0.2)
  }
}
