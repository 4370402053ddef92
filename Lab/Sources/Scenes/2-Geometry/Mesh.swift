/// Triangles with materials: the shape of a thing, or of a part of one.
struct Mesh {
  struct Vertex {
    var position: Vector
    var normal: Vector
    /// Where it was when it was made: solid textures stay with the part when it is moved.
    var local: Vector
    var u: Float = 0
    var v: Float = 0
  }

  struct Triangle {
    var a: UInt32
    var b: UInt32
    var c: UInt32
    var material: UInt16
  }

  var vertices: [Vertex] = []
  var triangles: [Triangle] = []
  var materials: [Material] = []

  init() {}

  init(_ material: Material) { materials = [material] }

  /// Adds parts where they are.
  mutating func add(_ parts: Mesh...) { for part in parts { add(part, Placement()) } }

  mutating func add(_ part: Mesh, _ placement: Placement) {
    let firstVertex = UInt32(vertices.count)
    let firstMaterial = UInt16(materials.count)
    vertices.reserveCapacity(vertices.count + part.vertices.count)
    for vertex in part.vertices { vertices.append(vertex.moved(placement)) }
    triangles.reserveCapacity(triangles.count + part.triangles.count)
    for t in part.triangles {
      triangles.append(
        Triangle(
          a: t.a + firstVertex, b: t.b + firstVertex, c: t.c + firstVertex,
          material: t.material + firstMaterial))
    }
    materials += part.materials
  }

  func moved(_ placement: Placement) -> Mesh {
    var mesh = self
    for i in mesh.vertices.indices { mesh.vertices[i] = mesh.vertices[i].moved(placement) }
    return mesh
  }

  func moved(_ x: Float, _ y: Float, _ z: Float) -> Mesh { moved(Placement(at: Vector(x, y, z))) }

  /// Larger or smaller in all directions; textures with it.
  func scaled(_ factor: Float) -> Mesh {
    var mesh = self
    for i in mesh.vertices.indices { mesh.vertices[i].position *= factor }
    return mesh
  }

  /// The corners of the smallest box along the axes.
  var bounds: (low: Vector, high: Vector) {
    guard let first = vertices.first?.position else { return (Vector(), Vector()) }
    var low = first
    var high = first
    for vertex in vertices {
      low = pointwiseMin(low, vertex.position)
      high = pointwiseMax(high, vertex.position)
    }
    return (low, high)
  }

  /// Its lowest point on the ground and its middle above the origin.
  func standing() -> Mesh {
    let (low, high) = bounds
    return moved(-(low.x + high.x) / 2, -low.y, -(low.z + high.z) / 2)
  }

  mutating func addQuad(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
    triangles.append(Triangle(a: a, b: b, c: c, material: 0))
    triangles.append(Triangle(a: a, b: c, c: d, material: 0))
  }
}

extension Mesh.Vertex {
  init(_ position: Vector, normal: Vector, u: Float = 0, v: Float = 0) {
    self.init(position: position, normal: normal, local: position, u: u, v: v)
  }

  func moved(_ placement: Placement) -> Mesh.Vertex {
    var vertex = self
    vertex.position = placement.point(position)
    vertex.normal = placement.direction(normal)
    return vertex
  }
}

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
