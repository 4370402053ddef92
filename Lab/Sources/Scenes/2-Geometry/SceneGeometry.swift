import CRaster

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
