import CRaster

/// Centimetres; x to the right, y up, z towards the camera.
typealias Vector = SIMD3<Float>

extension SIMD3<Float> {
  func dot(_ other: Vector) -> Float { (self * other).sum() }

  func cross(_ o: Vector) -> Vector {
    Vector(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x)
  }

  var length: Float { dot(self).squareRoot() }

  /// Up where there is no direction.
  var direction: Vector {
    let length = self.length
    return length > 1e-12 ? self / length : Vector(0, 1, 0)
  }
}

/// Sine of an angle in turns (1 is a full circle), in one order of operations on every machine.
func sine(turns: Float) -> Float {
  var t = Double(turns)
  t -= (t + 0.5).rounded(.down)
  if t > 0.25 { t = 0.5 - t }
  if t < -0.25 { t = -0.5 - t }
  let x = t * 6.283185307179586
  let q = x * x
  return Float(
    x * (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110 * (1 - q / 156)))))))
}

/// Cosine of an angle in turns.
func cosine(turns: Float) -> Float { sine(turns: turns + 0.25) }

/// Tangent of an angle in turns, less than a quarter.
func tangent(turns: Float) -> Float { sine(turns: turns) / cosine(turns: turns) }

/// A turn and a shift: where something stands.
struct Placement {
  var right = Vector(1, 0, 0)
  var up = Vector(0, 1, 0)
  var back = Vector(0, 0, 1)
  var origin = Vector()

  init(at origin: Vector = Vector(), yaw: Float = 0) {
    self.origin = origin
    self = Placement.yaw(yaw, origin)
  }

  private init(right: Vector, up: Vector, back: Vector, origin: Vector) {
    self.right = right
    self.up = up
    self.back = back
    self.origin = origin
  }

  private static func yaw(_ turns: Float, _ origin: Vector) -> Placement {
    let c = cosine(turns: turns)
    let s = sine(turns: turns)
    return Placement(
      right: Vector(c, 0, -s), up: Vector(0, 1, 0), back: Vector(s, 0, c), origin: origin)
  }

  /// About the x axis: positive leans what stands upright towards the camera.
  static func pitch(_ turns: Float, at origin: Vector = Vector()) -> Placement {
    let c = cosine(turns: turns)
    let s = sine(turns: turns)
    return Placement(
      right: Vector(1, 0, 0), up: Vector(0, c, s), back: Vector(0, -s, c), origin: origin)
  }

  /// About the z axis: positive leans what stands upright to the left.
  static func roll(_ turns: Float, at origin: Vector = Vector()) -> Placement {
    let c = cosine(turns: turns)
    let s = sine(turns: turns)
    return Placement(
      right: Vector(c, s, 0), up: Vector(-s, c, 0), back: Vector(0, 0, 1), origin: origin)
  }

  func direction(_ d: Vector) -> Vector { right * d.x + up * d.y + back * d.z }

  func point(_ p: Vector) -> Vector { direction(p) + origin }
}

/// A world's triangles in the form that is drawn: one list of corners, the triangles of each segment in a
/// row, first the opaque ones.
struct SceneGeometry {
  /// A segment to be: a thing, or all stuff of one category.
  struct Slot {
    var category: String
    var isThing: Bool
    var colour: ColourName?
    /// Ranges of the triangles.
    var opaque: Range<Int32>
    var glass: Range<Int32>
    /// Which of the opaque ones throw shadows; they come first.
    var casting: Range<Int32>
    /// The middle of its box, in the world.
    var middle: Vector
  }

  private(set) var vertices: [cr_vertex] = []
  private(set) var triangles: [cr_triangle] = []
  private(set) var materials: [cr_material] = []
  /// Of each material, whether it has the colour that its thing is called by.
  private(set) var bearsColour: [Bool] = []
  private(set) var slots: [Slot] = []

  init(_ items: [World.Item]) {
    // Things in their order, then stuff by category, what throws shadows first.
    let things = items.filter { $0.isThing }.map { [$0] }
    var stuff: [String: [World.Item]] = [:]
    var order: [String] = []
    for item in items where !item.isThing {
      if stuff[item.category] == nil { order.append(item.category) }
      stuff[item.category, default: []].append(item)
    }
    vertices.reserveCapacity(items.reduce(0) { $0 + $1.mesh.vertices.count })
    triangles.reserveCapacity(items.reduce(0) { $0 + $1.mesh.triangles.count })
    for group in things { append(group) }
    for category in order { append(stuff[category] ?? []) }
  }

  private mutating func append(_ group: [World.Item]) {
    guard let first = group.first, slots.count < Int(UInt16.max) else { return }
    let object = UInt16(slots.count)
    let start = Int32(triangles.count)
    var castingEnd = start
    var low = Vector(repeating: .infinity)
    var high = -low
    var later: [cr_triangle] = []
    for item in group.filter({ $0.castsShadow }) + group.filter({ !$0.castsShadow }) {
      let firstVertex = UInt32(vertices.count)
      let firstMaterial = UInt16(materials.count)
      for vertex in item.mesh.vertices {
        low = pointwiseMin(low, vertex.position)
        high = pointwiseMax(high, vertex.position)
        vertices.append(
          cr_vertex(
            position: cr_vec3(vertex.position), normal: cr_vec3(vertex.normal), local: cr_vec3(vertex.local),
            u: vertex.u, v: vertex.v))
      }
      materials += item.mesh.materials.map(\.raw)
      bearsColour += item.mesh.materials.map(\.bearsColour)
      for t in item.mesh.triangles {
        let triangle = cr_triangle(
          corners: (t.a + firstVertex, t.b + firstVertex, t.c + firstVertex),
          material: t.material + firstMaterial, object: object)
        if item.mesh.materials[Int(t.material)].isTransparent {
          later.append(triangle)
        } else {
          triangles.append(triangle)
        }
      }
      if item.castsShadow { castingEnd = Int32(triangles.count) }
    }
    let end = Int32(triangles.count)
    triangles += later
    slots.append(
      Slot(
        category: first.category, isThing: first.isThing, colour: first.colour, opaque: start..<end,
        glass: end..<Int32(triangles.count), casting: start..<castingEnd, middle: (low + high) / 2))
  }
}
