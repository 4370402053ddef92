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
