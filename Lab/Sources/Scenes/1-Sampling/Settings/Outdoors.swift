import CRaster

/// Lawns, beaches and pavements under the sky.
enum Outdoors {
  static func sample(_ numbers: SceneNumbers, aspect: Float) -> World {
    var numbers = numbers
    let picnic = numbers.chance(0.3)
    let distance = picnic ? numbers.number(80, 150) : numbers.number(280, 620)
    let azimuth = numbers.around(0.08)
    let camera = Camera(
      at: picnic ? Vector(0, 8, 0) : Vector(0, numbers.number(50, 100), 0), distance: distance,
      azimuth: azimuth, elevation: picnic ? numbers.number(0.05, 0.13) : numbers.number(0.015, 0.07),
      view: picnic ? numbers.number(0.11, 0.15) : numbers.number(0.1, 0.16), roll: numbers.around(0.008),
      aspect: aspect)
    var composer = Composer(numbers: numbers, camera: camera)
    ground(picnic: picnic, &composer)
    background(&composer)
    if picnic {
      if composer.numbers.chance(0.7) {
        let size = Vector(composer.numbers.number(90, 170), 0.6, composer.numbers.number(70, 120))
        let rug = Room.rug(size, &composer.numbers)
        composer.addStuff(
          "rug-merged", rug.moved(Placement(at: Vector(), yaw: composer.numbers.around(0.12))),
          castsShadow: false)
      }
      let count = composer.numbers.whole(1...10)
      composer.scatter(Catalogue.picnic, count: count, onHeight: 0.6, farthest: 400)
    } else {
      let count = composer.numbers.pick(
        weighted: [(0, 0.5), (1, 1.2), (2, 1.5), (3, 1.6), (4, 1.4), (5, 1.2), (6, 0.9), (8, 0.6)])
      composer.scatter(Catalogue.outdoors, count: count, onHeight: 0, farthest: 1400, smallest: 0.04)
    }
    let sky = composer.numbers.pick([
      (Colour.hex(0xcfe2f5), Colour.hex(0x4d8fdc)), (.hex(0xdde8f0), .hex(0x7fb2e6)),
      (.hex(0xe6e8ea), .hex(0xb9c4cf)),
      (.hex(0xf6d9b8), .hex(0x7ea4d8)), (.hex(0xb9d6f2), .hex(0x2f6fc4)),
    ])
    var lighting = Lighting.outdoors(
      focus: Vector(0, 20, 0), reach: picnic ? 130 : min(700, distance * 1.4), azimuth: azimuth,
      &composer.numbers)
    lighting.haze = sky.0
    lighting.hazeDistance = composer.numbers.number(9000, 30000)
    return World(
      items: composer.items, camera: camera, lighting: lighting, photograph: .any(&composer.numbers),
      backdrop: Material(
        CR_CLOUDS, sky.0, sky.1, .grey(0.97), composer.numbers.number(0, 0.9), seed: composer.numbers.seed()),
      backdropCategory: "sky-other-merged")
  }

  private static func plane(
    _ x0: Float, _ x1: Float, _ z0: Float, _ z1: Float, _ y: Float, _ material: Material
  ) -> Mesh {
    .sheet(Vector(x0, y, z1), Vector(x1 - x0, 0, 0), Vector(0, 0, z0 - z1), material)
  }

  private static func ground(picnic: Bool, _ composer: inout Composer) {
    let seed = composer.numbers.seed()
    let green = composer.numbers.pick([Colour.hex(0x4f7f2c), .hex(0x5f9436), .hex(0x3f6b28), .hex(0x7a9a44)])
    let grass = Material(
      CR_GRASS, green * 0.55, green * 1.25, .hex(0xa8a25a), composer.numbers.number(0.8, 1.6), seed: seed)
    let far: Float = 16000
    let kind = picnic ? 0 : composer.numbers.pick(weighted: [(0, 0.45), (1, 0.25), (2, 0.15), (3, 0.15)])
    switch kind {
    case 1:
      // A path through grass.
      let slab = composer.numbers.pick([Colour.hex(0xa8a49c), .hex(0xb8a890), .hex(0x8f8a84)])
      let side = composer.numbers.number(30, 60)
      let paving = Material(
        CR_TILES, slab, slab * 0.85, slab * 0.45, side, side * composer.numbers.number(0.5, 1), 1.6,
        composer.numbers.chance(0.5) ? 0.5 : 0, seed: seed)
      composer.addStuff("grass-merged", plane(-far, far, -far, 900, 0, grass), castsShadow: false)
      if composer.numbers.chance(0.5) {
        let x = composer.numbers.number(-200, 100)
        composer.addStuff(
          "pavement-merged", plane(x, x + composer.numbers.number(140, 260), -far, 900, 0.8, paving),
          castsShadow: false)
      } else {
        let z = composer.numbers.number(-250, 100)
        composer.addStuff("pavement-merged", plane(-far, far, z, 900, 0.8, paving), castsShadow: false)
      }
    case 2:
      // A street with a pavement in front of it.
      let asphalt = Material(CR_GRAVEL, .grey(0.33), .grey(0.45), .grey(0.38), 2, seed: seed)
      let paving = Material(CR_TILES, .hex(0xa8a49c), .hex(0x989288), .grey(0.4), 45, 45, 1.5, 0, seed: seed)
      let z = composer.numbers.number(-260, -60)
      composer.addStuff("pavement-merged", plane(-far, far, z, 900, 0, paving), castsShadow: false)
      composer.addStuff("road", plane(-far, far, z - 650, z, 0, asphalt), castsShadow: false)
      let paint = Material.plain(.grey(0.9))
      for i in -8...8 {
        composer.addStuff(
          "road", plane(Float(i) * 260, Float(i) * 260 + 130, z - 335, z - 318, 0.4, paint), castsShadow: false)
      }
      composer.addStuff("grass-merged", plane(-far, far, -far, z - 650, 0, grass), castsShadow: false)
    case 3:
      let dune = Material(CR_GRAVEL, .hex(0xd9bf8f), .hex(0xc9ab78), .hex(0xe2cda2), 3, seed: seed)
      let shore = composer.numbers.number(-900, -500)
      composer.addStuff("sand", plane(-far, far, shore, 900, 0, dune), castsShadow: false)
      let water = Material(CR_WATER, .hex(0x2f6f8f), .hex(0x6aa3b8), Colour(), 20, seed: seed).glossy(
        0.5, 80, mirror: 0.12)
      composer.addStuff("sea", plane(-far, far, -60000, shore, -1, water), castsShadow: false)
    default:
      composer.addStuff("grass-merged", plane(-far, far, -far, 900, 0, grass), castsShadow: false)
    }
  }

  private static func background(_ composer: inout Composer) {
    let sea = composer.items.contains { $0.category == "sea" }
    // Nothing grows on a street.
    let clear: Float = composer.items.contains { $0.category == "road" } ? 600 : 0
    if composer.numbers.chance(0.3) {
      let rock = composer.numbers.pick([Colour.hex(0x6f7d8c), .hex(0x7c8a78), .hex(0x8a8078)])
      let seed = composer.numbers.seed()
      let phase = composer.numbers.unit()
      let high = composer.numbers.number(900, 2200)
      composer.addStuff(
        "mountain-merged",
        .surface(columns: 60, rows: 2, Material(CR_MOTTLED, rock, rock * 0.7, Colour(), 500, seed: seed)) {
          u, v in
          let x = (u - 0.5) * 30000
          let ridge =
            0.45 + 0.25 * sine(turns: u * 3.1 + phase) + 0.16 * sine(turns: u * 7.7 + phase * 3)
            + 0.08 * sine(turns: u * 17 + phase * 5)
          return Vector(x, max(ridge, 0.05) * high * v - 20, -15000 - 600 * v)
        }, castsShadow: false)
    }
    guard !sea else { return }
    if composer.numbers.chance(0.35) {
      let plaster = composer.numbers.pick([
        Colour.hex(0xd8cdb8), .hex(0xb98a70), .hex(0xc8c8c4), .hex(0x9a5a48), .hex(0xe6e0d2),
      ])
      for _ in 0..<composer.numbers.whole(1...3) {
        let width = composer.numbers.number(600, 1600)
        let facade = Material(
          CR_BLINDS, plaster * composer.numbers.number(0.8, 1.1), .hex(0x4a5a68), Colour(),
          composer.numbers.number(160, 240),
          composer.numbers.number(220, 300), seed: composer.numbers.seed())
        var house = Mesh.box(Vector(width, composer.numbers.number(500, 1500), 600), facade)
        house.add(.box(Vector(width + 40, 40, 640), .plain(.hex(0x6a3d30))).moved(0, house.bounds.high.y, 0))
        composer.addStuff(
          "building-other-merged",
          house.moved(composer.numbers.number(-2200, 2200), 0, -composer.numbers.number(2400, 4000)),
          castsShadow: false)
      }
    }
    if composer.numbers.chance(0.25) { fence(beyond: 450 + clear, &composer) }
    if composer.numbers.chance(0.75) {
      for _ in 0..<composer.numbers.whole(1...5) {
        composer.addStuff(
          "tree-merged",
          tree(&composer.numbers).moved(
            composer.numbers.number(-1400, 1400), 0, -composer.numbers.number(700 + clear, 2200)))
      }
    }
    if composer.numbers.chance(0.45) {
      // The edge of a wood.
      let green = composer.numbers.pick([Colour.hex(0x2f5a22), .hex(0x3d6b2c), .hex(0x4a6f38)])
      var wood = Mesh()
      let distance = composer.numbers.number(3000, 5500)
      for i in 0..<16 {
        let x = (Float(i) / 15 - 0.5) * 9000 + composer.numbers.around(200)
        let r = composer.numbers.number(260, 460)
        wood.add(
          .ellipsoid(
            Vector(r * 1.5, r, r), segments: 16,
            Material(CR_FOLIAGE, green * 0.4, green, Colour(), 60, seed: composer.numbers.seed())
          ).moved(x, r * 0.7, -distance - composer.numbers.number(0, 300)))
      }
      composer.addStuff("tree-merged", wood, castsShadow: false)
    }
  }

  private static func fence(beyond nearest: Float, _ composer: inout Composer) {
    let paint = Material.plain(composer.numbers.pick([Colour.grey(0.92), .hex(0x7a5230), .hex(0x4a3a2c)]))
    let z = -composer.numbers.number(nearest, nearest + 450)
    let height = composer.numbers.number(80, 130)
    let spacing = composer.numbers.number(16, 30)
    var mesh = Mesh()
    for y: Float in [0.25, 0.75] {
      mesh.add(.box(Vector(3200, 7, 3), paint).moved(0, height * y, z))
    }
    for i in -50...50 {
      mesh.add(.box(Vector(spacing * 0.55, height, 3), paint).moved(Float(i) * spacing, 0, z + 3))
    }
    composer.addStuff("fence-merged", mesh)
  }

  private static func tree(_ numbers: inout SceneNumbers) -> Mesh {
    let height = numbers.number(350, 800)
    let bark = numbers.pick([Colour.hex(0x5a4230), .hex(0x6f5a48), .hex(0x4a3a2e)])
    let green = numbers.pick([Colour.hex(0x3f7026), .hex(0x2f5f22), .hex(0x5a8a36), .hex(0x6f8f3a)])
    let trunk = Material(CR_BARK, bark, bark * 0.6, Colour(), 5, seed: numbers.seed())
    var mesh = Mesh()
    if numbers.chance(0.25) {
      // A fir: cones one above the other.
      mesh.add(.cylinder(bottom: 16, top: 10, height: height * 0.2, segments: 10, trunk))
      for i in 0..<4 {
        let t = Float(i) / 4
        let needles = Material(CR_FOLIAGE, green * 0.3, green * 0.7, Colour(), 18, seed: numbers.seed())
        mesh.add(
          .cylinder(bottom: height * 0.26 * (1 - t * 0.7), top: 1, height: height * 0.42, segments: 14, needles)
            .moved(0, height * (0.14 + 0.56 * t), 0))
      }
      return mesh
    }
    mesh.add(.cylinder(bottom: height * 0.045, top: height * 0.028, height: height * 0.6, segments: 10, trunk))
    for _ in 0..<numbers.whole(3...5) {
      let radius = height * numbers.number(0.17, 0.26)
      let at = Vector(
        numbers.around(height * 0.22), height * numbers.number(0.58, 0.82), numbers.around(height * 0.18))
      mesh.add(Foliage.crown(radius: radius, leaf: radius * 0.2, green, &numbers).moved(at.x, at.y, at.z))
    }
    return mesh
  }
}
