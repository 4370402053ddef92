import CRaster

/// Round iced cakes with cherries or candles.
enum Cake: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let radius = numbers.number(8, 12)
    let height = radius * numbers.number(0.65, 0.95)
    let colour = numbers.pick([ColourName.white, .pink, .brown, .white, .pink])
    let shade = colour == .brown ? Colour.hex(0x4f2a14) : colour.shade(&numbers)
    let icing = Material.plain(shade).glossy(0.15, 20)
    let second =
      numbers.chance(0.5)
      ? ColourName.any(but: [colour, .black, .grey], &numbers).shade(&numbers) : Colour.grey(0.95)
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0), (radius * 1.25, 0), (radius * 1.28, 0.5), (radius, 0.5)), segments: 36,
      Material.plain(.grey(0.9)).glossy(0.4, 60, mirror: 0.03))
    mesh.add(
      .cylinder(
        bottom: radius, top: radius * 0.98, height: height, bevel: 0.9, segments: 40, icing
      ).moved(0, 0.5, 0),
      .ring(radius: radius, thickness: 0.7, segments: 30, .plain(second)).moved(0, 1, 0))
    let candles = numbers.chance(0.5)
    let count = numbers.whole(5...9)
    for i in 0..<count {
      let turn = Float(i) / Float(count)
      let at = Vector(cosine(turns: turn), 0, sine(turns: turn)) * radius * 0.74
      if candles {
        mesh.add(
          .cylinder(bottom: 0.4, top: 0.4, height: 4.5, segments: 8, .plain(second)).moved(
            at.x, height + 0.4, at.z),
          .ellipsoid(Vector(0.4, 0.9, 0.4), segments: 8, Material.plain(.hex(0xffc23c)).lit(1))
            .moved(at.x, height + 5.6, at.z))
      } else {
        mesh.add(
          .ellipsoid(Vector(1.5, 0.8, 1.5), segments: 12, .plain(second)).moved(at.x, height + 0.8, at.z),
          .ball(radius: 1, segments: 12, Material.plain(.hex(0xa80f18)).glossy(0.6, 60)).moved(
            at.x, height + 1.8, at.z))
      }
    }
    return Thing(category: "cake", colour: nil, mesh: mesh)
  }
}
