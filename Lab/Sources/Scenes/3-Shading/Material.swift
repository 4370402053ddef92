import CRaster

/// Linear light: red, green, blue; 1 is what a perfect white throws back of the whole light.
typealias Colour = SIMD3<Float>

extension SIMD3<Float> {
  /// From sRGB values in 0…1, by a cubic within 0.003 of the curve: the C library's power function differs
  /// between machines in the last bit.
  static func srgb(_ red: Float, _ green: Float, _ blue: Float) -> Colour {
    let s = Colour(red, green, blue)
    return s * (s * (s * 0.305306011 + 0.682171111) + 0.012522878)
  }

  static func grey(_ value: Float) -> Colour { .srgb(value, value, value) }

  /// From sRGB as on the web.
  static func hex(_ code: UInt32) -> Colour {
    .srgb(Float(code >> 16 & 255) / 255, Float(code >> 8 & 255) / 255, Float(code & 255) / 255)
  }

  func mixed(with other: Colour, _ share: Float) -> Colour { self + (other - self) * share }
}

/// The lights of a scene and what is mirrored in it.
struct Lighting {
  struct Light {
    /// Towards it.
    var direction: Vector
    var colour: Colour
    var softness: Float
  }

  var lights: [Light]
  var above: Colour
  var level: Colour
  var below: Colour
  var window: (direction: Vector, colour: Colour, width: Float, height: Float)
  var haze: Colour = Colour()
  /// The distance at which half the light is haze's; 0 for clear air.
  var hazeDistance: Float = 0
  /// Shadows fall within this sphere.
  var focus: Vector
  var reach: Float

  /// Lamps and windows of a room.
  /// - Parameter azimuth: where the camera is.
  static func indoors(focus: Vector, reach: Float, azimuth: Float, _ numbers: inout SceneNumbers) -> Lighting {
    let key = direction(azimuth + numbers.number(-0.4, 0.4), numbers.number(0.1, 0.21))
    let tint = warmth(numbers.around(0.1))
    let strength = numbers.number(0.5, 0.85)
    var lights = [Light(direction: key, colour: tint * strength, softness: numbers.number(0.03, 0.16))]
    if numbers.chance(0.75) {
      let side = direction(azimuth + numbers.number(-0.5, 0.5), numbers.number(0.06, 0.2))
      lights.append(
        Light(
          direction: side, colour: warmth(numbers.around(0.1)) * numbers.number(0.12, 0.4),
          softness: numbers.number(0.1, 0.3)))
    }
    let ambient = warmth(numbers.around(0.05)) * (1.02 - strength * 0.55) * numbers.number(0.85, 1.1)
    return Lighting(
      lights: lights, above: ambient * 0.72, level: ambient * 0.55, below: ambient * 0.36,
      window: (
        direction(azimuth + numbers.number(-0.45, 0.45), numbers.number(0.05, 0.16)),
        Colour(1, 1, 1) * numbers.number(2, 4), numbers.number(0.2, 0.5), numbers.number(0.25, 0.6)
      ), focus: focus, reach: reach)
  }

  /// Sun or overcast sky.
  static func outdoors(focus: Vector, reach: Float, azimuth: Float, _ numbers: inout SceneNumbers) -> Lighting {
    let overcast = numbers.chance(0.3)
    let sun = direction(azimuth + numbers.number(-0.38, 0.38), numbers.number(0.07, 0.2))
    let strength = overcast ? numbers.number(0.2, 0.4) : numbers.number(0.75, 1)
    let ambient = Colour(0.95, 1, 1.06) * (overcast ? 0.85 : 0.55)
    return Lighting(
      lights: [
        Light(
          direction: sun, colour: warmth(numbers.number(0, 0.1)) * strength,
          softness: overcast ? 0.3 : numbers.number(0.015, 0.05))
      ],
      above: ambient * 0.75, level: ambient * 0.65, below: Colour(0.9, 1, 0.8) * ambient * 0.35,
      window: (sun, Colour(1, 1, 0.95) * (overcast ? 1 : 4), 0.2, 0.2), focus: focus, reach: reach)
  }

  private static func direction(_ azimuth: Float, _ elevation: Float) -> Vector {
    let flat = cosine(turns: elevation)
    return Vector(sine(turns: azimuth) * flat, sine(turns: elevation), cosine(turns: azimuth) * flat)
  }

  /// From candle (positive) to blue hour (negative), modest.
  private static func warmth(_ amount: Float) -> Colour { Colour(1 + amount, 1, 1 - amount) }
}

/// What a surface is made of: a texture, and how it throws light back.
struct Material {
  var raw = cr_material()
  /// Whether what is made of it is called by the colour of the whole thing: not a bowl's white lining, nor the soup.
  var bearsColour = true

  init(
    _ pattern: cr_pattern, _ a: Colour, _ b: Colour = Colour(), _ c: Colour = Colour(), _ p0: Float = 1,
    _ p1: Float = 1, _ p2: Float = 0, _ p3: Float = 0, seed: UInt32 = 0
  ) {
    raw.pattern = Int32(bitPattern: pattern.rawValue)
    raw.a = cr_vec3(a)
    raw.b = cr_vec3(b)
    raw.c = cr_vec3(c)
    raw.p0 = p0
    raw.p1 = p1
    raw.p2 = p2
    raw.p3 = p3
    raw.shininess = 20
    raw.bump_size = 1
    raw.seed = seed
  }

  static func plain(_ colour: Colour) -> Material { Material(CR_PLAIN, colour) }

  /// Clear or tinted glass: `tint` is what it lets through.
  static func glass(_ tint: Colour, clearness: Float = 0.96) -> Material {
    var material = Material(CR_PLAIN, tint).glossy(0.9, 180)
    material.raw.transparency = clearness
    return material
  }

  var isTransparent: Bool { raw.transparency > 0 }

  /// Of another colour than the thing.
  func apart() -> Material {
    var material = self
    material.bearsColour = false
    return material
  }

  /// With highlights, and mirroring its surroundings.
  func glossy(_ specular: Float, _ shininess: Float, mirror: Float = 0) -> Material {
    var material = self
    material.raw.specular = specular
    material.raw.shininess = shininess
    material.raw.mirror = mirror
    return material
  }

  /// With dents of a size in centimetres.
  func bumpy(_ strength: Float, size: Float) -> Material {
    var material = self
    material.raw.bump = strength
    material.raw.bump_size = size
    return material
  }

  /// Giving light of its own; at 1 it looks the same in any light.
  func lit(_ emission: Float) -> Material {
    var material = self
    material.raw.emission = emission
    return material
  }

  /// Somewhere between earthenware and porcelain, lacquer or plastic.
  func anyFinish(_ numbers: inout SceneNumbers) -> Material {
    numbers.pick([
      glossy(0.45, 60, mirror: 0.04), glossy(0.25, 25, mirror: 0.02), glossy(0.06, 8),
      glossy(0.7, 140, mirror: 0.06),
    ])
  }
}

extension cr_vec3 {
  init(_ v: SIMD3<Float>) { self.init(x: v.x, y: v.y, z: v.z) }
}
