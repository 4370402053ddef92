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
