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
