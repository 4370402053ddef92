import CRaster

/// Open umbrellas: parasols on a pole, or lying on the ground.
enum Umbrella: ThingKind {
  /// Lying open on its rim and its handle.
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let (mesh, colour) = open(
      radius: numbers.number(46, 58), pole: numbers.number(66, 78), hook: true, &numbers)
    let tilt = Placement.pitch(numbers.number(-0.32, -0.26))
    return Thing(category: "umbrella", colour: colour, mesh: mesh.moved(tilt).standing())
  }

  static func parasol(_ numbers: inout SceneNumbers) -> Thing {
    let (mesh, colour) = open(
      radius: numbers.number(95, 135), pole: numbers.number(200, 240), hook: false, &numbers)
    return Thing(category: "umbrella", colour: colour, mesh: mesh.moved(.roll(numbers.around(0.03))).standing())
  }

  private static func open(
    radius: Float, pole: Float, hook: Bool, _ numbers: inout SceneNumbers
  ) -> (Mesh, ColourName?) {
    let colour = ColourName.any(&numbers)
    let first = Material.plain(colour.shade(&numbers)).glossy(0.1, 15)
    let striped = numbers.chance(0.35)
    let other = ColourName.any(but: [colour], &numbers)
    let second = striped ? Material.plain(other.shade(&numbers)).glossy(0.1, 15) : first
    let rise = radius * numbers.number(0.42, 0.6)
    var mesh = Mesh()
    let ribs = 8
    for rib in 0..<ribs {
      mesh.add(
        .surface(columns: 8, rows: 6, rib % 2 == 0 ? first : second) { u, v in
          let turn = (Float(rib) + u) / Float(ribs)
          // Between the ribs the cloth hangs in and its hem is cut in an arc.
          let sag = 4 * u * (1 - u)
          let reach = v * radius * (1 - 0.1 * sag * v)
          let height = pole + rise * (1 - v * v * (1 - 0.04 * sag)) - rise
          return Vector(cosine(turns: turn) * reach, height, sine(turns: turn) * reach)
        })
    }
    let metal = Material.plain(.grey(0.3)).glossy(0.5, 50)
    mesh.add(
      .bar(Vector(0, 0, 0), Vector(0, pole + radius * 0.06, 0), radius: hook ? 0.8 : 2, metal))
    if hook {
      let grip = Material.plain(.hex(0x4a2c14)).glossy(0.3, 30)
      mesh.add(
        .tube(
          (0...8).map {
            let turn = Float($0) / 16
            return Vector(5 - cosine(turns: turn) * 5, -sine(turns: turn) * 5, 0)
          }, radii: Array(repeating: 1.3, count: 9), sides: 8, grip))
    } else {
      mesh.add(.cylinder(bottom: 22, top: 20, height: 6, bevel: 1, .plain(.grey(0.5))))
    }
    return (mesh, striped ? nil : colour)
  }
}
