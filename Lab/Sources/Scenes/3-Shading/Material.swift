import CRaster

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
