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
