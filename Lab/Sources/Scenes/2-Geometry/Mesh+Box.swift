extension Mesh {
  /// The sides of a box.
  enum Side: Int, CaseIterable { case left, right, bottom, top, back, front }

  /// A box, its foot at the origin and its edges rounded. On every side u and v are centimetres from the
  /// lower left corner, or 0…1 where `fractions` says so.
  static func box(
    _ size: Vector, rounded radius: Float = 0, _ material: Material, sides: [Side: Material] = [:],
    fractions: Bool = false
  ) -> Mesh {
    var mesh = Mesh()
    let half = size / 2
    let round = min(radius, half.x, half.y, half.z)
    for side in Side.allCases {
      var face = Mesh(sides[side] ?? material)
      let axis = side.rawValue / 2
      let sign: Float = side.rawValue % 2 == 0 ? -1 : 1
      // The face's own axes: u to the right and v up as seen from outside.
      let (uAxis, vAxis) = axis == 0 ? (2, 1) : axis == 1 ? (0, 2) : (0, 1)
      let stops: (Int) -> [Float] = { a in
        let h = half[a]
        return round > 0
          ? [-h, -h + round * 0.3, -h + round, h - round, h - round * 0.3, h] : [-h, h]
      }
      let us = stops(uAxis)
      let vs = stops(vAxis)
      for v in vs {
        for u in us {
          var p = Vector()
          p[axis] = half[axis] * sign
          p[uAxis] = u
          p[vAxis] = v
          var normal = Vector()
          normal[axis] = sign
          if round > 0 {
            let core = half - round
            let inner = pointwiseMin(pointwiseMax(p, -core), core)
            normal = (p - inner).direction
            p = inner + normal * round
          }
          let flip = (axis == 0 && sign > 0) || (axis == 2 && sign < 0)
          var s = (flip ? -u : u) + half[uAxis]
          var t = (axis == 1 && sign > 0 ? -v : v) + half[vAxis]
          if fractions {
            s /= size[uAxis]
            t /= size[vAxis]
          }
          face.vertices.append(Vertex(p + Vector(0, half.y, 0), normal: normal, u: s, v: t))
        }
      }
      let columns = us.count
      for row in 0..<vs.count - 1 {
        for column in 0..<columns - 1 {
          let a = UInt32(row * columns + column)
          let b = a + UInt32(columns)
          face.addQuad(a, a + 1, b + 1, b)
        }
      }
      mesh.add(face)
    }
    return mesh
  }

  /// A flat rectangle with a corner at `origin`; u and v run to `extent`, by default to its sides'
  /// lengths in centimetres.
  static func sheet(
    _ origin: Vector, _ across: Vector, _ along: Vector, extent: SIMD2<Float>? = nil, _ material: Material
  ) -> Mesh {
    var mesh = Mesh(material)
    let normal = across.cross(along).direction
    let extent = extent ?? SIMD2(across.length, along.length)
    for (s, t) in [(0, 0), (1, 0), (1, 1), (0, 1)] as [(Float, Float)] {
      mesh.vertices.append(
        Vertex(origin + across * s + along * t, normal: normal, u: extent.x * s, v: extent.y * t))
    }
    mesh.addQuad(0, 1, 2, 3)
    return mesh
  }

  /// A flat outline in the x-y plane about the origin, `depth` thick; u and v of its front are x and y.
  static func plate(_ outline: [SIMD2<Float>], depth: Float, _ front: Material, rim: Material) -> Mesh {
    var mesh = Mesh()
    let count = outline.count
    for z in [depth / 2, -depth / 2] {
      var face = Mesh(z > 0 ? front : rim)
      let normal = Vector(0, 0, z > 0 ? 1 : -1)
      face.vertices.append(Vertex(Vector(0, 0, z), normal: normal))
      for p in outline { face.vertices.append(Vertex(Vector(p.x, p.y, z), normal: normal, u: p.x, v: p.y)) }
      for i in 0..<count {
        face.triangles.append(
          Triangle(a: 0, b: UInt32(i + 1), c: UInt32((i + 1) % count + 1), material: 0))
      }
      mesh.add(face)
    }
    for i in 0..<count {
      let a = outline[i]
      let b = outline[(i + 1) % count]
      mesh.add(
        sheet(Vector(a.x, a.y, -depth / 2), Vector(b.x - a.x, b.y - a.y, 0), Vector(0, 0, depth), rim))
    }
    return mesh
  }
}
