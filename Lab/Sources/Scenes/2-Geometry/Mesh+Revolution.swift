extension Mesh {
  /// A surface of revolution about the y axis.
  /// - Parameters:
  ///   - profile: radius and height of its outline, from one end to the other; sharp where it bends by
  ///     more than about 50°, smooth elsewhere.
  ///   - around: what u runs to on the way around (v is the height).
  static func revolved(
    _ profile: [SIMD2<Float>], segments: Int = 28, around: Float = 1, _ material: Material
  ) -> Mesh {
    var mesh = Mesh(material)
    guard profile.count > 1 else { return mesh }
    let normals = (0..<profile.count - 1).map { i -> SIMD2<Float> in
      let d = profile[i + 1] - profile[i]
      let length = (d * d).sum().squareRoot()
      return length > 1e-9 ? SIMD2(d.y, -d.x) / length : SIMD2(1, 0)
    }
    func joined(_ i: Int, _ j: Int) -> SIMD2<Float> {
      guard normals.indices.contains(j), (normals[i] * normals[j]).sum() > 0.64 else { return normals[i] }
      let sum = normals[i] + normals[j]
      return sum / (sum * sum).sum().squareRoot()
    }
    let circle = (0...segments).map { s -> SIMD2<Float> in
      let turn = s == segments ? 0 : Float(s) / Float(segments)
      return SIMD2(sine(turns: turn), cosine(turns: turn))
    }
    let rings = segments + 1
    mesh.vertices.reserveCapacity(normals.count * rings * 2)
    for i in normals.indices {
      let first = UInt32(mesh.vertices.count)
      for (point, normal) in [(profile[i], joined(i, i - 1)), (profile[i + 1], joined(i, i + 1))] {
        for (s, c) in circle.enumerated() {
          mesh.vertices.append(
            Vertex(
              Vector(c.x * point.x, point.y, c.y * point.x),
              normal: Vector(c.x * normal.x, normal.y, c.y * normal.x),
              u: around * Float(s) / Float(segments), v: point.y))
        }
      }
      for s in 0..<UInt32(segments) {
        let a = first + s
        mesh.addQuad(a, a + 1, a + 1 + UInt32(rings), a + UInt32(rings))
      }
    }
    return mesh
  }

  /// A ball about the origin.
  static func ball(radius: Float, segments: Int = 32, _ material: Material) -> Mesh {
    let steps = segments / 2
    return revolved(
      (0...steps).map { i in
        let turn = Float(i) / Float(steps) * 0.5
        return SIMD2(max(0, sine(turns: turn)) * radius, -cosine(turns: turn) * radius)
      }, segments: segments, material)
  }

  /// An upright cylinder or cone with both ends closed, its foot at the origin.
  static func cylinder(
    bottom: Float, top: Float, height: Float, bevel: Float = 0, segments: Int = 24, _ material: Material
  ) -> Mesh {
    let profile: [SIMD2<Float>] =
      bevel > 0
      ? [
        SIMD2(0, 0), SIMD2(bottom - bevel, 0), SIMD2(bottom - bevel * 0.3, bevel * 0.3),
        SIMD2(bottom, bevel), SIMD2(top, height - bevel), SIMD2(top - bevel * 0.3, height - bevel * 0.3),
        SIMD2(top - bevel, height), SIMD2(0, height),
      ]
      : [SIMD2(0, 0), SIMD2(bottom, 0), SIMD2(top, height), SIMD2(0, height)]
    return revolved(profile, segments: segments, material)
  }

  /// A smooth curve through points (Catmull–Rom), `steps` pieces between each two.
  static func curve<Point: SIMD>(_ points: [Point], steps: Int) -> [Point] where Point.Scalar == Float {
    guard points.count > 2 else { return points }
    var curve: [Point] = []
    for i in 0..<points.count - 1 {
      let p0 = points[max(i - 1, 0)]
      let p1 = points[i]
      let p2 = points[i + 1]
      let p3 = points[min(i + 2, points.count - 1)]
      for s in 0..<steps {
        let t = Float(s) / Float(steps)
        let a = p1 * 2
        let b = (p2 - p0) * t
        let c = (p0 * 2 - p1 * 5 + p2 * 4 - p3) * (t * t)
        let d = (p1 * 3 - p0 - p2 * 3 + p3) * (t * t * t)
        curve.append((a + b + c + d) * 0.5)
      }
    }
    curve.append(points[points.count - 1])
    return curve
  }
}

extension Mesh {
  /// Radius and height of an outline's points.
  static func outline(_ points: (Float, Float)...) -> [SIMD2<Float>] { points.map { SIMD2($0.0, $0.1) } }
}

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
