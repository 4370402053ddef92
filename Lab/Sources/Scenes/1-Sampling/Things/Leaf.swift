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
