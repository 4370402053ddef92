/// A bowl of clear glass on a stem, empty or with wine.
enum WineGlass: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let bowl = numbers.number(3.2, 4.4)
    let height = numbers.number(16, 21)
    let foot = bowl * numbers.number(0.85, 1)
    let start = height * numbers.number(0.42, 0.5)
    let mouth = bowl * numbers.number(0.72, 0.95)
    let cup = Mesh.curve(
      Mesh.outline(
        (0.4, start), (bowl * 0.72, start + (height - start) * 0.16),
        (bowl, start + (height - start) * 0.42), (mouth, height)), steps: 6)
    let glass = Material.glass(Colour(0.93, 0.96, 0.97), clearness: 0.96)
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0), (foot, 0), (foot, 0.2), (foot * 0.45, 0.6), (0.45, 1.4), (0.38, start * 0.6))
        + cup, segments: 32, glass)
    if numbers.chance(0.65) {
      let wine = numbers.pick([Colour.hex(0x5c0716), .hex(0x7a0c1e), .hex(0xe3c25a), .hex(0xe58a8a)])
      let level = Int(Float(cup.count) * numbers.number(0.42, 0.68))
      let body = cup.prefix(level).map { SIMD2(max($0.x - 0.15, 0.05), $0.y + 0.1) }
      if let surface = body.last {
        mesh.add(
          .revolved(
            Mesh.outline((0, start + 0.1)) + body + Mesh.outline((0, surface.y)), segments: 28,
            Material.plain(wine).glossy(0.4, 90, mirror: 0.03)))
      }
    }
    return Thing(category: "wine glass", colour: nil, mesh: mesh)
  }
}
