/// Flying discs, lying.
enum Frisbee: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(but: [.green, .brown, .black, .grey], &numbers)
    let shade = colour.shade(&numbers)
    let radius = numbers.number(13, 15)
    let disc = Material.plain(shade).glossy(0.35, 40, mirror: 0.02)
    var mesh = Mesh.revolved(
      Mesh.outline(
        (radius * 0.97, 0), (radius, 0.8), (radius * 0.97, 2), (radius * 0.88, 2.9),
        (radius * 0.6, 3.4), (radius * 0.58, 3.2), (0, 3.4)), segments: 40, disc)
    mesh.add(
      .revolved(
        Mesh.outline((radius * 0.42, 3.42), (0, 3.5)), segments: 30,
        .plain(shade.mixed(with: .grey(0.95), 0.45))))
    return Thing(category: "frisbee", colour: colour, mesh: mesh)
  }
}
