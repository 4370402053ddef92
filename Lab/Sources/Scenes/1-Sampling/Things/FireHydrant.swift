/// Hydrants with a dome and two outlets.
enum FireHydrant: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = numbers.pick(weighted: [
      (ColourName.red, Float(4)), (.yellow, 2), (.blue, 0.7), (.green, 0.7), (.orange, 0.7),
    ])
    let shade = colour.shade(&numbers)
    let paint = Material.plain(shade).glossy(0.3, 30, mirror: 0.02)
    let cap = numbers.chance(0.25) ? Material.plain(.grey(0.85)).glossy(0.3, 30) : paint
    let r = numbers.number(11, 13.5)
    let h = r * numbers.number(3.8, 4.6)
    var mesh = Mesh.revolved(
      Mesh.outline(
        (0, 0), (r * 1.5, 0), (r * 1.5, r * 0.3), (r, r * 0.35), (r * 0.94, h),
        (r * 1.25, h), (r * 1.25, h + r * 0.3), (r * 1.02, h + r * 0.32)), segments: 26, paint)
    mesh.add(
      .revolved(
        Mesh.curve(
          Mesh.outline(
            (r * 1.02, h + r * 0.32), (r * 0.85, h + r * 0.85), (r * 0.4, h + r * 1.12), (0.01, h + r * 1.2)),
          steps: 4), segments: 26, cap),
      .cylinder(bottom: r * 0.22, top: r * 0.2, height: r * 0.4, segments: 6, cap).moved(0, h + r * 1.15, 0))
    for x: Float in [-1, 1] {
      let outlet = Mesh.cylinder(bottom: r * 0.5, top: r * 0.5, height: r * 0.75, bevel: 0.8, segments: 18, cap)
      mesh.add(outlet.moved(.roll(-x * 0.25, at: Vector(x * r * 0.8, h * 0.72, 0))))
    }
    let front = Mesh.cylinder(bottom: r * 0.62, top: r * 0.62, height: r * 0.6, bevel: 0.8, segments: 18, cap)
    mesh.add(front.moved(.pitch(0.25, at: Vector(0, h * 0.66, r * 0.75))))
    return Thing(category: "fire hydrant", colour: colour, mesh: mesh, yaw: 0.15)
  }
}
