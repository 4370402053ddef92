import CRaster
import CrayonCore

/// A pinhole camera in the scene.
struct Camera {
  var eye: Vector
  var right: Vector
  var up: Vector
  var forward: Vector
  /// Half the shorter side of the picture over the focal length.
  var spread: Float
  /// Width over height.
  var aspect: Float

  /// The yaw that turns fronts to the camera, in turns.
  var azimuth: Float

  /// Looks at a point from around it.
  /// - Parameters:
  ///   - azimuth: where it stands, in turns from +z towards +x
  ///   - elevation: how high, in turns above the horizon
  ///   - view: the angle across the shorter side of the picture, in turns
  ///   - roll: in turns
  init(
    at target: Vector, distance: Float, azimuth: Float, elevation: Float, view: Float, roll: Float = 0,
    aspect: Float
  ) {
    let flat = cosine(turns: elevation)
    let out = Vector(
      sine(turns: azimuth) * flat, sine(turns: elevation), cosine(turns: azimuth) * flat)
    eye = target + out * distance
    forward = out * -1
    self.azimuth = azimuth
    let level = forward.cross(Vector(0, 1, 0)).direction
    let above = level.cross(forward)
    let c = cosine(turns: roll)
    let s = sine(turns: roll)
    right = level * c + above * s
    up = above * c - level * s
    spread = tangent(turns: view / 2)
    self.aspect = aspect
  }

  /// Where a point is seen, as fractions of the picture's width and height from the top left, and how far
  /// ahead it is; nil behind the camera.
  func seen(_ point: Vector) -> (x: Float, y: Float, depth: Float)? {
    let d = point - eye
    let depth = d.dot(forward)
    guard depth > 1 else { return nil }
    let (wide, high) = spreads
    return (
      0.5 + 0.5 * d.dot(right) / depth / wide, 0.5 - 0.5 * d.dot(up) / depth / high, depth
    )
  }

  /// The point of a horizontal plane that is seen at a place of the picture.
  func point(onHeight height: Float, x: Float, y: Float) -> Vector? {
    let (wide, high) = spreads
    let ray = forward + right * ((x * 2 - 1) * wide) + up * ((1 - y * 2) * high)
    guard abs(ray.y) > 1e-5 else { return nil }
    let t = (height - eye.y) / ray.y
    return t > 0 ? eye + ray * t : nil
  }

  private var spreads: (wide: Float, high: Float) {
    (spread * max(aspect, 1), spread / min(aspect, 1))
  }

  /// With `samples` samples a pixel and side.
  func raster(width: Int, height: Int, samples: Int) -> cr_camera {
    let side = Float(min(width, height) * samples)
    return cr_camera(
      eye: cr_vec3(eye), right: cr_vec3(right), up: cr_vec3(up), forward: cr_vec3(forward),
      focal: side / 2 / spread, center_x: Float(width * samples) / 2, center_y: Float(height * samples) / 2,
      orthographic: 0, near_plane: 2)
  }
}

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

extension Photograph {
  /// The picture that light makes. `light` is row-major [height, width], with as much room again behind.
  func develop(_ light: [cr_vec3], width: Int, height: Int) -> RGBImage {
    let pixels = width * height
    var light = light
    let sigma = blur * Float(min(width, height)) / 256
    light.withUnsafeMutableBufferPointer { light in
      guard let base = light.baseAddress else { return }
      cr_blur(base, base + pixels, Int32(width), Int32(height), sigma)
    }
    var sensor = sensor
    var bytes = [UInt8](repeating: 0, count: pixels * 3)
    cr_expose(light, Int32(width), Int32(height), &sensor, &bytes)
    if let quality {
      var planes = [Float](repeating: 0, count: (width + 15) * (height + 15) * 3)
      cr_compress(&bytes, Int32(width), Int32(height), quality, &planes)
    }
    return RGBImage(width: width, height: height, pixels: bytes)
  }
}
