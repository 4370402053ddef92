import CRaster

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
