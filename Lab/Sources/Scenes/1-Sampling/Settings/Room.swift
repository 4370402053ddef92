import CRaster

/// The inside of a room: floor, walls, ceiling, and what hangs on them.
struct Room {
  var floor: Float = 0
  /// The wall opposite the camera.
  var back: Float
  var halfWidth: Float
  var height: Float
  /// Things below this height hide what is on the back wall, so windows and clocks hang above.
  var hangAbove: Float

  func build(into composer: inout Composer, seesFloor: Bool = true) {
    let front = composer.camera.eye.z + 150
    let wall = Room.wall(&composer.numbers)
    let depth = front - back
    let left = Vector(-halfWidth, floor, 0)
    composer.addStuff(
      wall.category,
      .sheet(left + Vector(0, 0, back), Vector(2 * halfWidth, 0, 0), Vector(0, height, 0), wall.material),
      castsShadow: false)
    for side: Float in [-1, 1] {
      composer.addStuff(
        wall.category,
        .sheet(
          Vector(side * halfWidth, floor, back), Vector(0, 0, depth), Vector(0, height, 0), wall.material),
        castsShadow: false)
    }
    if composer.numbers.chance(0.6) {
      // A skirting board.
      composer.addStuff(
        wall.category,
        .box(Vector(2 * halfWidth, 9, 2), .plain(.grey(0.9)).glossy(0.2, 30)).moved(0, floor, back + 1),
        castsShadow: false)
    }
    let ground = Room.floor(&composer.numbers)
    composer.addStuff(
      ground.category,
      .sheet(left + Vector(0, 0, front), Vector(2 * halfWidth, 0, 0), Vector(0, 0, -depth), ground.material),
      castsShadow: false)
    composer.addStuff(
      "ceiling-merged",
      .sheet(
        left + Vector(0, height, back), Vector(2 * halfWidth, 0, 0), Vector(0, 0, depth), .plain(.grey(0.93))),
      castsShadow: false)
    if seesFloor && composer.numbers.chance(0.45) { rug(into: &composer) }
    hang(into: &composer)
  }

  private static func wall(_ numbers: inout SceneNumbers) -> (category: String, material: Material) {
    let pastel =
      numbers.pick([
        Colour.hex(0xe9e4d8), .hex(0xd9dfe2), .hex(0xdfe3d2), .hex(0xe8d9c9), .hex(0xc9d6dc), .hex(0xefeae2),
        .hex(0xcfcac0), .hex(0xb9c7bb), .hex(0xe3cdc4), .hex(0x9fb0b8), .hex(0xd8c8a8),
      ]) * numbers.number(0.75, 1.05)
    let seed = numbers.seed()
    switch numbers.pick(weighted: [(0, 0.5), (1, 0.14), (2, 0.14), (3, 0.11), (4, 0.11)]) {
    case 1:
      let second = pastel * numbers.number(0.78, 0.92)
      var paper = Material(CR_STRIPES, pastel, second, Colour(), numbers.number(8, 26), 0.5, seed: seed)
      if numbers.chance(0.4) {
        paper = Material(CR_DOTS, pastel, second, Colour(), numbers.number(9, 20), 0.22, seed: seed)
      }
      return ("wall-other-merged", paper)
    case 2:
      let clay = numbers.pick([
        Colour.hex(0x9a4a34), .hex(0xa85c40), .hex(0x8a5a48), .hex(0xb9a898), .hex(0xc8c2b8),
      ])
      return (
        "wall-brick",
        Material(
          CR_BRICKS, clay, clay * 0.7, .hex(0xc9c2b6), numbers.number(19, 25), numbers.number(6.5, 8),
          seed: seed
        )
        .bumpy(0.25, size: 1.5)
      )
    case 3:
      let glaze = numbers.pick([
        Colour.grey(0.92), .hex(0xbfd6dc), .hex(0xd8e4d0), .hex(0x7fa2b0), .hex(0xe6d9b8),
      ])
      let side = numbers.number(10, 20)
      return (
        "wall-tile",
        Material(
          CR_TILES, glaze, glaze * 0.9, .grey(0.62), side, side, 0.6, numbers.chance(0.3) ? 0.5 : 0, seed: seed
        )
        .glossy(0.4, 60, mirror: 0.03)
      )
    case 4:
      let wood = numbers.pick([Colour.hex(0xb08050), .hex(0x8a5c34), .hex(0xd0b088), .hex(0x6a4830)])
      return (
        "wall-wood",
        Material(CR_PLANKS, wood, wood * 0.72, wood * 0.25, numbers.number(10, 18), 400, seed: seed)
      )
    default:
      return ("wall-other-merged", Material(CR_MOTTLED, pastel, pastel * 0.95, Colour(), 18, seed: seed))
    }
  }

  private static func floor(_ numbers: inout SceneNumbers) -> (category: String, material: Material) {
    let seed = numbers.seed()
    if numbers.chance(0.68) {
      let wood = numbers.pick([
        Colour.hex(0xb5814f), .hex(0x8f5f36), .hex(0xcfa878), .hex(0x6b452a), .hex(0xa87446), .hex(0xbfa58a),
      ])
      return (
        "floor-wood",
        Material(
          CR_PLANKS, wood, wood * 0.68, wood * 0.2, numbers.number(9, 20), numbers.number(90, 180), seed: seed
        )
        .glossy(0.15, 25, mirror: 0.03)
      )
    }
    let stone = numbers.pick([Colour.grey(0.82), .hex(0xc9bfae), .hex(0x8a9298), .hex(0xb89c80), .grey(0.45)])
    let side = numbers.number(25, 50)
    if numbers.chance(0.35) {
      return (
        "floor-other-merged",
        Material(CR_CHECKS, stone, numbers.chance(0.5) ? .grey(0.15) : stone * 0.6, Colour(), side, seed: seed)
          .glossy(0.3, 40, mirror: 0.04)
      )
    }
    return (
      "floor-other-merged",
      Material(CR_TILES, stone, stone * 0.82, stone * 0.5, side, side, 0.9, 0, seed: seed).glossy(
        0.25, 40, mirror: 0.04)
    )
  }

  private func rug(into composer: inout Composer) {
    guard
      let at = composer.camera.point(
        onHeight: floor, x: composer.numbers.number(0.3, 0.7), y: composer.numbers.number(0.6, 0.85))
    else { return }
    let size = Vector(composer.numbers.number(120, 240), 0.8, composer.numbers.number(90, 160))
    let mesh = Room.rug(size, &composer.numbers)
    composer.addStuff(
      "rug-merged", mesh.moved(Placement(at: at, yaw: composer.numbers.around(0.08))), castsShadow: false)
  }

  static func rug(_ size: Vector, _ numbers: inout SceneNumbers) -> Mesh {
    let first = ColourName.any(but: [.yellow, .pink, .orange], &numbers).shade(&numbers).mixed(
      with: .grey(0.5), 0.3)
    let second = ColourName.any(&numbers).shade(&numbers).mixed(with: .hex(0xd8c8a8), 0.4)
    let third = ColourName.any(&numbers).shade(&numbers).mixed(with: .hex(0xd8c8a8), 0.3)
    let cloth: Material
    var extent = SIMD2<Float>(1, 1)
    switch numbers.whole(0...3) {
    case 0:
      cloth = Material(CR_CHECKS, first, second, Colour(), numbers.number(8, 20), seed: numbers.seed())
      extent = SIMD2(size.x, size.z)
    case 1:
      cloth = Material(CR_STRIPES, first, second, Colour(), numbers.number(10, 30), 0.4, seed: numbers.seed())
      extent = SIMD2(size.x, size.z)
    default:
      cloth = Material(CR_RUG, first, second, third, numbers.chance(0.5) ? 1 : 0, seed: numbers.seed())
    }
    return .sheet(
      Vector(-size.x / 2, size.y, size.z / 2), Vector(size.x, 0, 0), Vector(0, 0, -size.z), extent: extent,
      cloth)
  }

  /// Windows, doors, curtains, clocks and televisions, side by side on the back wall. They throw no shadows,
  /// as the wall behind them throws none and light may come from that side.
  private func hang(into composer: inout Composer) {
    var x = -halfWidth + composer.numbers.number(20, 90)
    let floorShows = hangAbove <= floor + 1
    while x < halfWidth - 60 {
      let kind = composer.numbers.pick(
        weighted: [(0, 1.3), (1, floorShows ? 0.8 : 0.3), (2, 0.8), (3, floorShows ? 0.35 : 0.1), (4, 1.6)])
      switch kind {
      case 0:
        let width = composer.numbers.number(70, 130)
        let sill = max(hangAbove + 8, floor + composer.numbers.number(75, 100))
        let top = composer.numbers.number(80, 130)
        composer.addStuff(
          "window-other", window(width, top, &composer.numbers).moved(x + width / 2, sill, back),
          castsShadow: false)
        if composer.numbers.chance(0.4) {
          let cloth = ColourName.any(but: [.black], &composer.numbers).shade(&composer.numbers).mixed(
            with: .grey(0.85), 0.45)
          for side: Float in [-1, 1] {
            composer.addStuff(
              "curtain",
              Room.curtain(width: width * 0.32, height: top + 40, cloth, &composer.numbers)
                .moved(x + width / 2 + side * width * 0.52, sill - 25, back + 16),
              castsShadow: false)
          }
        }
        x += width + 40
      case 1:
        let width = composer.numbers.number(80, 95)
        let paint = composer.numbers.pick([
          Colour.grey(0.92), .hex(0x7a4a26), .hex(0xa87848), .hex(0x3d5a6a), .hex(0x5c6f58),
        ])
        var mesh = Mesh.box(
          Vector(width, 205, 3), .plain(paint),
          sides: [
            .front: Material(CR_PANELS, paint, paint * 0.6, Colour(), composer.numbers.chance(0.5) ? 2 : 1, 3)
              .glossy(0.15, 25)
          ],
          fractions: true)
        let frame = Material.plain(paint.mixed(with: .grey(0.9), 0.5))
        for side: Float in [-1, 1] {
          mesh.add(.box(Vector(8, 212, 6), frame).moved(side * (width / 2 + 4), 0, 0))
        }
        mesh.add(
          .box(Vector(width + 16, 8, 6), frame).moved(0, 205, 0),
          .ball(radius: 3, segments: 14, Material.plain(.hex(0xc8a850)).glossy(0.7, 80, mirror: 0.2))
            .moved(width * 0.4, 100, 5))
        composer.addStuff("door-stuff", mesh.moved(x + width / 2, floor, back + 2), castsShadow: false)
        x += width + 50
      case 2:
        var numbers = composer.numbers
        let clock = Clock.onWall(&numbers)
        composer.numbers = numbers
        let y = max(hangAbove + 30, floor + composer.numbers.number(130, 190))
        composer.add(clock, Placement(at: Vector(x + 25, y, back + 0.5)), castsShadow: false)
        x += 80
      case 3:
        var numbers = composer.numbers
        let television = Television.onWall(&numbers)
        composer.numbers = numbers
        composer.add(
          television,
          Placement(
            at: Vector(x + 70, max(hangAbove + 40, floor + composer.numbers.number(115, 150)), back + 1)),
          castsShadow: false)
        x += 170
      default: x += composer.numbers.number(60, 160)
      }
    }
  }

  /// Its sill at the origin, on the wall at z = 0.
  private func window(_ width: Float, _ height: Float, _ numbers: inout SceneNumbers) -> Mesh {
    let frame = Material.plain(numbers.pick([Colour.grey(0.93), .hex(0x6a4526), .grey(0.3)])).glossy(0.2, 30)
    let sky = numbers.pick([Colour.hex(0xa9cdf0), .hex(0xdfe9f2), .hex(0x1a2540), .hex(0xf0dcc0)])
    let view = Material(CR_CLOUDS, sky * 1.1, sky * 0.85, .grey(0.97), 0.4, seed: numbers.seed()).lit(1)
    var pane = Mesh.sheet(Vector(-width / 2, 0, 1), Vector(width, 0, 0), Vector(0, height, 0), view)
    for i in pane.vertices.indices {
      let at = pane.vertices[i].position
      pane.vertices[i].local = Vector(at.x / width, at.y / height * 0.8 + 0.1, 0.8)
    }
    var mesh = pane
    let bar: Float = 5
    for x in numbers.chance(0.7) ? [-width / 2, 0, width / 2] : [-width / 2, width / 2] {
      mesh.add(.box(Vector(bar, height + bar, 4), frame).moved(x, -bar / 2, 2))
    }
    for y in numbers.chance(0.5) ? [0, height / 2, height] : [0, height] {
      mesh.add(.box(Vector(width + bar, bar, 4), frame).moved(0, y - bar / 2, 2))
    }
    mesh.add(.box(Vector(width + 14, 3, 12), frame).moved(0, -bar, 5))
    return mesh
  }

  private static func curtain(width: Float, height: Float, _ cloth: Colour, _ numbers: inout SceneNumbers)
    -> Mesh
  {
    let folds = Float(numbers.whole(3...6))
    let phase = numbers.unit()
    return .surface(columns: 40, rows: 3, .plain(cloth)) { u, v in
      Vector((u - 0.5) * width, v * height, sine(turns: u * folds + phase) * 3.5 * (1.2 - 0.4 * v))
    }
  }
}

/// A room with furniture and toys on its floor.
enum FloorRoom {
  static func sample(_ numbers: SceneNumbers, aspect: Float) -> World {
    var numbers = numbers
    let distance = numbers.number(190, 400)
    let azimuth = numbers.around(0.08)
    let camera = Camera(
      at: Vector(numbers.around(30), numbers.number(20, 60), numbers.around(30)), distance: distance,
      azimuth: azimuth, elevation: numbers.number(0.03, 0.11), view: numbers.number(0.11, 0.17),
      roll: numbers.around(0.008), aspect: aspect)
    var composer = Composer(numbers: numbers, camera: camera)
    Room(
      back: -composer.numbers.number(90, 260), halfWidth: composer.numbers.number(170, 340),
      height: composer.numbers.number(240, 290), hangAbove: 0
    ).build(into: &composer)
    let count = composer.numbers.pick(
      weighted: [(0, 0.3), (1, 1), (2, 1.4), (3, 1.6), (4, 1.5), (5, 1.3), (6, 1), (8, 0.8), (10, 0.4)])
    let back = composer.items.isEmpty ? -100 : roomBack(composer)
    let area = Footprint(
      centre: SIMD2(0, back + 500), half: SIMD2(165, 495), yaw: 0)
    composer.scatter(Catalogue.floor, count: count, onHeight: 0, within: area)
    let lighting = Lighting.indoors(
      focus: Vector(0, 30, 0), reach: min(320, distance), azimuth: azimuth, &composer.numbers)
    return World(
      items: composer.items, camera: camera, lighting: lighting,
      photograph: .any(&composer.numbers), backdrop: .plain(.grey(0.7)), backdropCategory: "wall-other-merged")
  }

  private static func roomBack(_ composer: Composer) -> Float { composer.items[0].mesh.bounds.low.z }
}
