import CRaster

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
