import CRaster

/// Stems with leaves and blossoms, for vases.
enum Flowers {
  static func bunch(height: Float, spread: Float, _ numbers: inout SceneNumbers) -> Mesh {
    var mesh = Mesh()
    let stem = Material.plain(.hex(0x3d6b2a))
    let petals = ColourName.any(but: [.black, .brown, .grey, .green], &numbers)
    for _ in 0..<numbers.whole(4...8) {
      let lean = Vector(numbers.around(spread), 0, numbers.around(spread))
      let top = lean + Vector(0, height * numbers.number(0.7, 1.1), 0)
      mesh.add(.bar(Vector(0, -height * 0.3, 0), top, radius: 0.22, sides: 5, stem))
      let shade = petals.shade(&numbers)
      let size = numbers.number(1.5, 2.4)
      let blossom = Mesh.ellipsoid(
        Vector(size, size * 0.7, size), segments: 12,
        Material(CR_MOTTLED, shade, shade * 0.65, Colour(), 0.8, seed: numbers.seed()))
      mesh.add(blossom.moved(top.x, top.y, top.z))
      mesh.add(
        Leaf.make(length: size * 2.6, width: size * 0.9, droop: 0.4, stem),
        Placement(at: lean * 0.6 + Vector(0, height * 0.4, 0), yaw: numbers.unit()))
    }
    return mesh
  }
}

/// Masses of leaves: crowns of trees, bushes.
enum Foliage {
  /// A ball of leaf-sized facets about the origin.
  static func crown(radius: Float, leaf: Float, _ green: Colour, _ numbers: inout SceneNumbers) -> Mesh {
    let seed = numbers.seed()
    var mesh = Mesh.ellipsoid(
      Vector(radius, radius, radius) * 0.86, segments: 18,
      Material(CR_FOLIAGE, green * 0.35, green * 0.8, Colour(), leaf * 0.6, seed: seed))
    let shades = (0..<3).map { _ in Material.plain(green * numbers.number(0.6, 1.5)) }
    var leaves = shades.map { Mesh($0) }
    for i in 0..<220 {
      let y = numbers.number(-1, 1)
      let turn = numbers.unit()
      let flat = (1 - y * y).squareRoot()
      let out = Vector(flat * cosine(turns: turn), y, flat * sine(turns: turn))
      let centre = out * radius * numbers.number(0.82, 1)
      let tilt = Vector(numbers.number(-1, 1), numbers.number(-1, 1), numbers.number(-1, 1)) * 0.8
      let normal = (out + tilt).direction
      let across = normal.cross(Vector(0.3, 0.9, 0.2)).direction * leaf * 0.5
      let along = normal.cross(across).direction * leaf * 0.8
      let k = i % 3
      let first = UInt32(leaves[k].vertices.count)
      for corner in [along * -1, across, along, across * -1] {
        // Lit as the crown is, with a little of their own.
        leaves[k].vertices.append(Vertex(centre + corner, normal: (out + normal * 0.4).direction))
      }
      leaves[k].addQuad(first, first + 1, first + 2, first + 3)
    }
    for part in leaves { mesh.add(part) }
    return mesh
  }

  private typealias Vertex = Mesh.Vertex
}

/// A leaf that starts at the origin and grows along +x, bending downwards.
enum Leaf {
  static func make(length: Float, width: Float, droop: Float, rise: Float = 0.5, _ material: Material) -> Mesh {
    .surface(columns: 6, rows: 2, material) { u, v in
      let across = (v - 0.5) * width * 2
      let t = min(max(u, 0), 1)
      let breadth = 4 * t * (1 - t) * (1.25 - 0.5 * t)
      return Vector(
        length * u, length * (rise * u - droop * u * u) + abs(across) * 0.25 * breadth, across * breadth * 0.5)
    }
  }
}

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
