import CRaster

/// What a lens, a sensor and a file format do to a picture.
struct Photograph {
  /// Of the lens's blur, in pixels of a picture 256 pixels high.
  var blur: Float
  var sensor: cr_sensor
  /// 1…100, or nil where the file loses nothing.
  var quality: Int32?

  static func any(_ numbers: inout SceneNumbers) -> Photograph {
    let exposure = 1 + numbers.around(0.22)
    let warmth = numbers.around(0.08)
    let noisy = numbers.chance(0.5) ? numbers.number(0, 0.012) : numbers.number(0, 0.03)
    return Photograph(
      blur: numbers.chance(0.25) ? numbers.number(0.6, 1.05) : numbers.number(0.2, 0.6),
      sensor: cr_sensor(
        gain: cr_vec3(Colour(1 + warmth, 1 + numbers.around(0.02), 1 - warmth) * exposure),
        contrast: numbers.number(0.94, 1.12), saturation: numbers.number(0.88, 1.15),
        shot_noise: noisy, read_noise: noisy * 0.4, vignette: numbers.chance(0.4) ? numbers.number(0, 0.35) : 0,
        seed: numbers.seed()),
      quality: numbers.chance(0.75) ? Int32(numbers.whole(45...96)) : nil)
  }
}
