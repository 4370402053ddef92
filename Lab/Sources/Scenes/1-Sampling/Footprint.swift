/// A turned rectangle on the ground.
struct Footprint {
  var centre: SIMD2<Float>
  var half: SIMD2<Float>
  /// Direction of its first side.
  var axis: SIMD2<Float>

  init(centre: SIMD2<Float>, half: SIMD2<Float>, yaw: Float) {
    self.centre = centre
    self.half = half
    axis = SIMD2(cosine(turns: yaw), -sine(turns: yaw))
  }

  private var other: SIMD2<Float> { SIMD2(-axis.y, axis.x) }

  /// Half its extent along a direction of length 1.
  private func reach(_ d: SIMD2<Float>) -> Float {
    half.x * abs((axis * d).sum()) + half.y * abs((other * d).sum())
  }

  func overlaps(_ o: Footprint, gap: Float) -> Bool {
    let between = o.centre - centre
    for d in [axis, other, o.axis, o.other]
    where abs((between * d).sum()) > reach(d) + o.reach(d) + gap { return false }
    return true
  }

  /// Whether it lies within another, `margin` from its edges.
  func lies(within o: Footprint, margin: Float) -> Bool {
    let between = centre - o.centre
    return abs((between * o.axis).sum()) + reach(o.axis) <= o.half.x - margin
      && abs((between * o.other).sum()) + reach(o.other) <= o.half.y - margin
  }
}
