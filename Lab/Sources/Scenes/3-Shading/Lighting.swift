import CRaster

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
