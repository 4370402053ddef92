import CRaster

/// Boards of a bookcase seen from the front, with things on them.
enum Bookcase {
  private static let mostThings = 15

  static func sample(_ numbers: SceneNumbers, aspect: Float) -> World {
    var numbers = numbers
    let azimuth = numbers.around(0.07)
    let camera = Camera(
      at: Vector(numbers.around(10), numbers.number(-6, 8), 0), distance: numbers.number(85, 150),
      azimuth: azimuth, elevation: numbers.number(-0.01, 0.045), view: numbers.number(0.1, 0.15),
      roll: numbers.around(0.008), aspect: aspect)
    var composer = Composer(numbers: numbers, camera: camera)
    let depth = composer.numbers.number(26, 34)
    let half = composer.numbers.number(38, 85)
    let spacing = composer.numbers.number(31, 42)
    let wood = composer.numbers.pick([
      Colour.hex(0xb8854e), .hex(0x7a4f2c), .grey(0.92), .hex(0x4a3020), .hex(0xd9b98c), .grey(0.3),
    ])
    let board =
      wood.x == wood.y
      ? Material.plain(wood).glossy(0.2, 30)
      : Material(CR_WOOD, wood, wood * 0.65, Colour(), 1.5, seed: composer.numbers.seed()).glossy(0.15, 25)
    let levels: [Float] = [-1.5, -0.5, 0.5, 1.5].map { $0 * spacing }
    var shelf = Mesh()
    for level in levels {
      shelf.add(.box(Vector(half * 2, 2.4, depth), rounded: 0.4, board).moved(0, level - 2.4, 0))
    }
    let closed = composer.numbers.chance(0.65)
    if closed {
      for side: Float in [-1, 1] {
        shelf.add(.box(Vector(2.4, spacing * 3 + 2.4, depth), board).moved(side * half, levels[0] - 2.4, 0))
      }
    }
    let backed = closed && composer.numbers.chance(0.6)
    if backed {
      shelf.add(.box(Vector(half * 2, spacing * 3, 1), .plain(wood * 0.8)).moved(0, levels[0], -depth / 2))
    }
    composer.addStuff("shelf", shelf)
    Room(floor: -150, back: -depth / 2 - 1.5, halfWidth: 220, height: 290, hangAbove: 400)
      .build(into: &composer, seesFloor: false)
    // The middle board first, so that it is not the one left empty.
    for level in [levels[1], levels[0], levels[2]] {
      fill(level, half: half - 4, depth: depth, room: spacing - 4, &composer)
    }
    var lighting = Lighting.indoors(focus: Vector(0, 0, 0), reach: 90, azimuth: azimuth, &composer.numbers)
    // Light from high above leaves the insides of shelves dark.
    for i in lighting.lights.indices {
      lighting.lights[i].direction = (lighting.lights[i].direction + Vector(0, -0.15, 0.8)).direction
    }
    return World(
      items: composer.items, camera: camera, lighting: lighting,
      photograph: .any(&composer.numbers), backdrop: .plain(.grey(0.7)), backdropCategory: "wall-other-merged")
  }

  private static func fill(
    _ level: Float, half: Float, depth: Float, room: Float, _ composer: inout Composer
  ) {
    let density = composer.numbers.number(0, 0.9)
    var x = -half + composer.numbers.number(0, 12)
    while x < half && composer.thingCount < mostThings {
      // Only what the camera sees is worth having.
      let seen = composer.camera.seen(Vector(x, level + 8, 0))
      guard let seen, seen.x > -0.02, seen.x < 0.98, seen.y > 0.02, seen.y < 1 else {
        x += 6
        continue
      }
      guard composer.numbers.chance(0.3 + 0.6 * density) else {
        x += composer.numbers.number(6, 20)
        continue
      }
      if composer.numbers.chance(0.2) {
        for _ in 0..<composer.numbers.whole(1...4) {
          let thick = composer.numbers.number(3, 6.5)
          guard x + thick < half, composer.thingCount < mostThings else { return }
          let tall = min(room - 2, composer.numbers.number(19, 30))
          let book = Book.upright(height: tall, thickness: thick, &composer.numbers)
          let front = depth / 2 - book.mesh.bounds.high.z - composer.numbers.number(1, 3)
          composer.add(book, Placement(at: Vector(x + thick / 2, level, front)))
          x += thick + 0.25
        }
        x += composer.numbers.number(2, 9)
        continue
      }
      var thing = composer.numbers.pick(weighted: Catalogue.shelf)(&composer.numbers)
      var (low, high) = thing.mesh.bounds
      let fit = min(1, (room - 1) / (high.y - low.y), (depth - 1) / max(high.z - low.z, high.x - low.x))
      if fit < 0.55 { continue }
      thing.mesh = thing.mesh.scaled(fit)
      (low, high) = thing.mesh.bounds
      let radius = max(high.x, -low.x, high.z, -low.z)
      guard x + 2 * radius < half + 2 else {
        x += 8
        continue
      }
      let slack = max(depth / 2 - radius, 0)
      let z = composer.numbers.number(-0.3, 1) * slack
      composer.add(
        thing,
        Placement(
          at: Vector(x + radius, level, z),
          yaw: composer.camera.azimuth + composer.numbers.number(-thing.yaw, thing.yaw)))
      x += 2 * radius + composer.numbers.number(1, 12)
    }
  }
}
