extension Mesh {
  /// A tube along a path, of varying radius; open ends are closed by a point. u runs along from 0 to 1,
  /// v around.
  static func tube(
    _ path: [Vector], radii: [Float], closed: Bool = false, sides: Int = 10, _ material: Material
  ) -> Mesh {
    var mesh = Mesh(material)
    let count = path.count
    guard count > 1, radii.count == count else { return mesh }
    func tangent(_ i: Int) -> Vector {
      let before = closed ? path[(i + count - 1) % count] : path[max(i - 1, 0)]
      let after = closed ? path[(i + 1) % count] : path[min(i + 1, count - 1)]
      return (after - before).direction
    }
    let first = tangent(0)
    var side = first.cross(abs(first.y) < 0.9 ? Vector(0, 1, 0) : Vector(1, 0, 0)).direction
    let rings = closed ? count + 1 : count
    for ring in 0..<rings {
      let i = ring % count
      let t = tangent(i)
      side = (side - t * side.dot(t)).direction
      let other = t.cross(side)
      // Where the radius changes the surface leans along the tube.
      let slope: Float =
        closed || count < 3
        ? 0
        : (radii[max(i - 1, 0)] - radii[min(i + 1, count - 1)])
          / max((path[min(i + 1, count - 1)] - path[max(i - 1, 0)]).length, 1e-6)
      for s in 0...sides {
        let turn = s == sides ? 0 : Float(s) / Float(sides)
        let out = side * cosine(turns: turn) + other * sine(turns: turn)
        mesh.vertices.append(
          Vertex(
            path[i] + out * radii[i], normal: (out + t * slope).direction,
            u: Float(ring) / Float(rings - 1), v: Float(s) / Float(sides)))
      }
    }
    let row = UInt32(sides + 1)
    for ring in 0..<UInt32(rings - 1) {
      for s in 0..<UInt32(sides) {
        let a = ring * row + s
        mesh.addQuad(a, a + 1, a + 1 + row, a + row)
      }
    }
    if !closed {
      for (end, way) in [(0, Float(-1)), (count - 1, 1)] where radii[end] > 0 {
        let middle = UInt32(mesh.vertices.count)
        mesh.vertices.append(
          Vertex(path[end], normal: tangent(end) * way, u: end == 0 ? 0 : 1))
        for s in 0..<UInt32(sides) {
          mesh.triangles.append(
            Triangle(a: middle, b: UInt32(end) * row + s, c: UInt32(end) * row + s + 1, material: 0))
        }
      }
    }
    return mesh
  }

  /// A straight round bar.
  static func bar(_ from: Vector, _ to: Vector, radius: Float, sides: Int = 8, _ material: Material) -> Mesh {
    tube([from, to], radii: [radius, radius], sides: sides, material)
  }

  /// A ring lying flat about the origin.
  static func ring(
    radius: Float, thickness: Float, flatness: Float = 1, segments: Int = 32, _ material: Material
  ) -> Mesh {
    var mesh = tube(
      (0..<segments).map {
        let turn = Float($0) / Float(segments)
        return Vector(cosine(turns: turn), 0, sine(turns: turn)) * radius
      }, radii: Array(repeating: thickness, count: segments), closed: true, sides: 14, material)
    for i in mesh.vertices.indices {
      mesh.vertices[i].position.y *= flatness
      mesh.vertices[i].local.y *= flatness
      mesh.vertices[i].normal.y /= flatness
      mesh.vertices[i].normal = mesh.vertices[i].normal.direction
    }
    return mesh
  }

  /// A surface through a grid of points; u and v run from 0 to 1. Normals are those of the grid.
  static func surface(
    columns: Int, rows: Int, _ material: Material, _ point: (_ u: Float, _ v: Float) -> Vector
  ) -> Mesh {
    var mesh = Mesh(material)
    let du = 1 / Float(columns)
    let dv = 1 / Float(rows)
    for row in 0...rows {
      for column in 0...columns {
        let u = Float(column) * du
        let v = Float(row) * dv
        let across = point(u + du * 0.25, v) - point(u - du * 0.25, v)
        let along = point(u, v + dv * 0.25) - point(u, v - dv * 0.25)
        mesh.vertices.append(Vertex(point(u, v), normal: across.cross(along).direction, u: u, v: v))
      }
    }
    let width = UInt32(columns + 1)
    for row in 0..<UInt32(rows) {
      for column in 0..<UInt32(columns) {
        let a = row * width + column
        mesh.addQuad(a, a + 1, a + 1 + width, a + width)
      }
    }
    return mesh
  }

  /// A ball stretched along the axes, about the origin.
  static func ellipsoid(_ radii: Vector, segments: Int = 24, _ material: Material) -> Mesh {
    var mesh = ball(radius: 1, segments: segments, material)
    for i in mesh.vertices.indices {
      mesh.vertices[i].position *= radii
      mesh.vertices[i].local *= radii
      mesh.vertices[i].normal = (mesh.vertices[i].normal / radii).direction
    }
    return mesh
  }
}
