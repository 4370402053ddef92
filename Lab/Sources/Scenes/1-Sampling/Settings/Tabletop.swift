import CRaster

/// A table in a room, with things on it.
enum Tabletop {
  static func sample(_ numbers: SceneNumbers, aspect: Float) -> World {
    var numbers = numbers
    let counts: [(Int, Float)] = [
      (0, 0.35), (1, 0.9), (2, 1.2), (3, 1.5), (4, 1.6), (5, 1.6), (6, 1.5), (7, 1.3), (8, 1.2), (9, 1),
      (10, 0.9), (12, 0.8), (14, 0.6),
    ]
    let count = numbers.pick(weighted: counts)
    // The more things, the farther away.
    let crowd = Float(min(count, 10)) / 10
    let distance = numbers.number(46 + 30 * crowd, 90 + 45 * crowd)
    let elevation = numbers.number(
      0.03, numbers.pick(weighted: [(Float(0.07), Float(0.35)), (0.13, 0.5), (0.22, 0.15)]))
    let azimuth = numbers.around(0.09)
    let camera = Camera(
      at: Vector(numbers.around(8), numbers.number(2, 10), numbers.around(8)), distance: distance,
      azimuth: azimuth, elevation: elevation, view: numbers.number(0.095, 0.15),
      roll: numbers.around(0.012), aspect: aspect)
    var composer = Composer(numbers: numbers, camera: camera)

    let half = SIMD2(composer.numbers.number(48, 95), composer.numbers.number(32, 55))
    let yaw = composer.numbers.around(0.05)
    let centre = Vector(composer.numbers.around(14), 0, composer.numbers.number(-8, 8))
    table(half, height: 73, &composer.numbers).forEach {
      composer.addStuff("table-merged", $0.moved(Placement(at: centre, yaw: yaw)))
    }
    var room = Room(
      floor: -73, back: -half.y - composer.numbers.number(20, 190),
      halfWidth: composer.numbers.number(180, 300),
      height: 260, hangAbove: 0)
    if composer.numbers.chance(0.5) { room.back = -half.y - composer.numbers.number(12, 40) }
    room.build(into: &composer, seesFloor: elevation > 0.1)

    let area = Footprint(centre: SIMD2(centre.x, centre.z), half: half, yaw: yaw)
    composer.scatter(Catalogue.tabletop, count: count, onHeight: 0, within: area)
    let lighting = Lighting.indoors(
      focus: Vector(0, 0, 0), reach: min(95, max(55, distance)), azimuth: azimuth, &composer.numbers)
    return World(
      items: composer.items, camera: camera, lighting: lighting,
      photograph: .any(&composer.numbers), backdrop: .plain(.grey(0.7)), backdropCategory: "wall-other-merged")
  }

  /// Its top at height 0; parts about the origin.
  static func table(_ half: SIMD2<Float>, height: Float, _ numbers: inout SceneNumbers) -> [Mesh] {
    let seed = numbers.seed()
    let material: Material
    let wood = numbers.pick([
      Colour.hex(0xb07a45), .hex(0x8a5a30), .hex(0xd2ac7c), .hex(0x5a3a22), .hex(0xc4935c), .hex(0x9c6b3e),
    ])
    switch numbers.pick(weighted: [(0, 0.55), (1, 0.2), (2, 0.13), (3, 0.12)]) {
    case 1:
      let paint = numbers.pick([
        Colour.grey(0.93), .grey(0.8), .grey(0.25), .hex(0xcfd8dc), .hex(0xb8c4a8), .hex(0x37474f),
      ])
      material = Material.plain(paint).anyFinish(&numbers)
    case 2:
      let stone = numbers.pick([Colour.grey(0.9), .hex(0x3a3d40), .hex(0xd8cfc0)])
      material = Material(
        CR_MARBLE, stone, stone.mixed(with: stone.x > 0.3 ? .grey(0.5) : .grey(0.7), 0.6), Colour(), 14,
        seed: seed
      )
      .glossy(0.5, 100, mirror: 0.06)
    case 3:
      // A cloth in checks.
      let hue = ColourName.any(but: [.white, .black], &numbers).shade(&numbers).mixed(with: .grey(0.9), 0.3)
      material = Material(CR_CHECKS, hue, .grey(0.93), Colour(), numbers.number(3, 8), seed: seed)
    default:
      material = Material(CR_WOOD, wood, wood * 0.62, Colour(), numbers.number(1, 2.2), seed: seed)
        .anyFinish(&numbers)
    }
    let thick = numbers.number(2.5, 5)
    var parts: [Mesh] = [
      Mesh.box(Vector(half.x * 2, thick, half.y * 2), rounded: 0.8, material).moved(0, -thick, 0)
    ]
    for x: Float in [-1, 1] {
      for z: Float in [-1, 1] {
        parts.append(
          .box(Vector(6, height - thick, 6), rounded: 1, material)
            .moved(x * (half.x - 6), -height, z * (half.y - 6)))
      }
    }
    return parts
  }
}
