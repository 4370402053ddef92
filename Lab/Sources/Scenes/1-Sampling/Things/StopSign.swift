import CRaster

/// A red octagon on a post.
enum StopSign: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(34, 42)
    let height = numbers.number(150, 200)
    let grey = Material.plain(.grey(0.6)).glossy(0.4, 40)
    let outline = (0..<8).map { i -> SIMD2<Float> in
      let turn = (Float(i) + 0.5) / 8
      return SIMD2(cosine(turns: turn), sine(turns: turn)) * (radius / 0.92388)
    }
    let face = Material(CR_STOP_SIGN, .hex(0xb8101a), .grey(0.95)).glossy(0.15, 20)
    var plate = Mesh.plate(outline, depth: 1.2, face, rim: grey)
    for i in plate.vertices.indices {
      plate.vertices[i].u /= radius
      plate.vertices[i].v /= radius
    }
    var mesh = plate.moved(0, height + radius, 2.5)
    mesh.add(.bar(Vector(0, 0, 0), Vector(0, height + radius * 1.7, 0), radius: 2.2, grey))
    return Thing(category: "stop sign", colour: .red, mesh: mesh, yaw: 0.09)
  }
}
