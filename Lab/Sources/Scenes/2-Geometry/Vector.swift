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
