import CRaster

/// Bushy, bladed and round plants in pots.
enum PottedPlant: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing { make(height: numbers.number(20, 38), &numbers) }

  static func make(height: Float, _ numbers: inout SceneNumbers) -> Thing {
    let pot = height * numbers.number(0.3, 0.42)
    let top = pot * numbers.number(0.5, 0.68)
    let bottom = top * numbers.number(0.62, 0.9)
    let shade =
      numbers.chance(0.45) ? Colour.hex(0xb5603a) : ColourName.any(but: [.green], &numbers).shade(&numbers)
    let clay = Material.plain(shade).anyFinish(&numbers)
    let lip = pot * 0.2
    var mesh = Mesh.revolved(
      Mesh.outline(
        (0, 0), (bottom, 0), (top * 0.96, pot - lip), (top * 1.06, pot - lip),
        (top * 1.08, pot), (top * 0.94, pot), (top * 0.9, pot * 0.88)), segments: 28, clay)
    mesh.add(
      .revolved(
        Mesh.outline((0, pot * 0.9), (top * 0.92, pot * 0.88)), segments: 20,
        Material(CR_MOTTLED, .hex(0x3a2718), .hex(0x20140c), Colour(), 1, seed: numbers.seed())))
    let green = numbers.pick([Colour.hex(0x2f6b24), .hex(0x3f8a30), .hex(0x5a9a3a), .hex(0x27542a)])
    let rise = height - pot
    switch numbers.whole(0...3) {
    case 0:
      // Blades that stand up.
      for _ in 0..<numbers.whole(7...12) {
        let blade = Material(CR_MOTTLED, green, green * 1.7, Colour(), 1.5, seed: numbers.seed()).glossy(
          0.15, 20)
        let length = rise * numbers.number(0.65, 1.05)
        let leaf = Mesh.surface(columns: 7, rows: 1, blade) { u, v in
          let t = min(max(u, 0), 1)
          let breadth = length * 0.085 * (1 - t * t * 0.9)
          return Vector(
            (v - 0.5) * 2 * breadth, u * length, length * 0.22 * u * u + abs(v - 0.5) * breadth * 0.6)
        }
        let out = top * numbers.number(0, 0.5)
        let yaw = numbers.unit()
        mesh.add(
          leaf, Placement(at: Vector(sine(turns: yaw) * out, pot * 0.88, cosine(turns: yaw) * out), yaw: yaw))
      }
    case 1:
      // A ball of small leaves on a stem, or straight on the pot.
      let radius = max(rise * numbers.number(0.36, 0.46), top * 0.9)
      let middle = pot + rise - radius
      mesh.add(
        .bar(Vector(0, pot * 0.8, 0), Vector(0, middle, 0), radius: radius * 0.1, .plain(.hex(0x4d3720))))
      mesh.add(Foliage.crown(radius: radius, leaf: radius * 0.34, green, &numbers).moved(0, middle, 0))
    default:
      // Leaves that hang over from a middle.
      for i in 0..<numbers.whole(14...24) {
        let leaf = Material.plain(green * numbers.number(0.7, 1.35)).glossy(0.2, 25)
        let length = rise * numbers.number(0.5, 0.95)
        let steep = numbers.number(0.5, 1.5)
        let part = Leaf.make(
          length: length * 0.75, width: length * 0.2, droop: numbers.number(0.25, 0.7), rise: steep, leaf)
        mesh.add(
          part, Placement(at: Vector(0, pot * 0.9, 0), yaw: Float(i) * 0.382 + numbers.around(0.06)))
      }
    }
    return Thing(category: "potted plant", colour: nil, mesh: mesh)
  }
}
