/// Puts things and stuff together so that they do not run into each other and can be seen.
struct Composer {
  var numbers: SceneNumbers
  let camera: Camera
  private(set) var items: [World.Item] = []
  private var footprints: [(Footprint, height: Float)] = []
  private var boxes: [PictureBox] = []

  /// As fractions of the picture.
  private struct PictureBox {
    var low: SIMD2<Float>
    var high: SIMD2<Float>
    var area: Float { max(high.x - low.x, 0) * max(high.y - low.y, 0) }

    func shared(_ o: PictureBox) -> Float {
      PictureBox(low: pointwiseMax(low, o.low), high: pointwiseMin(high, o.high)).area
    }
  }

  init(numbers: SceneNumbers, camera: Camera) {
    self.numbers = numbers
    self.camera = camera
  }

  var thingCount: Int { items.reduce(0) { $0 + ($1.isThing ? 1 : 0) } }

  mutating func addStuff(_ category: String, _ mesh: Mesh, castsShadow: Bool = true) {
    items.append(
      World.Item(category: category, isThing: false, colour: nil, mesh: mesh, castsShadow: castsShadow))
  }

  /// A thing where it belongs, whatever else is there.
  mutating func add(_ thing: Thing, _ placement: Placement, castsShadow: Bool = true) {
    let mesh = thing.mesh.moved(placement)
    if let box = pictureBox(mesh) { boxes.append(box) }
    items.append(
      World.Item(
        category: thing.category, isThing: true, colour: thing.colour, mesh: mesh, castsShadow: castsShadow))
  }

  /// Keeps things off a part of the ground.
  mutating func reserve(_ footprint: Footprint, height: Float) { footprints.append((footprint, height)) }

  /// Puts a thing on a horizontal plane, within an area of it where one is given, where the camera sees it
  /// and where there is room; says where it stands, or nil where no place was found.
  @discardableResult
  mutating func place(
    _ thing: Thing, onHeight height: Float, within area: Footprint? = nil, farthest: Float = .infinity,
    smallest: Float = 0.045, tries: Int = 30
  ) -> Placement? {
    let (low, high) = thing.mesh.bounds
    let half = SIMD2(max(-low.x, high.x), max(-low.z, high.z))
    let gap = 0.04 * (half.x + half.y) + 0.3
    for attempt in 0..<tries {
      guard
        let at = camera.point(
          onHeight: height, x: numbers.number(0.04, 0.96), y: numbers.number(0.1, 1.02))
      else { continue }
      let distance = (at - camera.eye).dot(camera.forward)
      guard distance < farthest, distance > 12 + half.y else { continue }
      let yaw = camera.azimuth + numbers.number(-thing.yaw, thing.yaw)
      let footprint = Footprint(centre: SIMD2(at.x, at.z), half: half, yaw: yaw)
      if let area, !footprint.lies(within: area, margin: 0.5) { continue }
      let collides = footprints.contains {
        abs($0.height - height) < 3 && $0.0.overlaps(footprint, gap: gap)
      }
      if collides { continue }
      let placement = Placement(at: at, yaw: yaw)
      guard let box = pictureBox(low: low, high: high, placement), box.area > 0 else { continue }
      let size = box.high - box.low
      // Very small, cut off by the frame, or hiding or hidden by another: not unless nothing else is found.
      let late = attempt > tries * 2 / 3
      if min(size.x, size.y) < smallest * (late ? 0.8 : 1) || max(size.x, size.y) > 1.1 { continue }
      let inside = box.shared(PictureBox(low: SIMD2(0, 0), high: SIMD2(1, 1))) / box.area
      if inside < (late ? 0.45 : 0.7) { continue }
      let covered = boxes.reduce(Float(0)) {
        max($0, box.shared($1) / min(box.area, max($1.area, 1e-6)))
      }
      if covered > (late ? 0.6 : numbers.number(0, 0.5)) { continue }
      footprints.append((footprint, height))
      add(thing, placement)
      return placement
    }
    return nil
  }

  /// Strews a number of things over a plane: a few kinds, each once or several times, and where some find
  /// no room, others in their stead.
  mutating func scatter(
    _ kinds: [(Catalogue.Maker, Float)], count: Int, onHeight height: Float, within area: Footprint? = nil,
    farthest: Float = .infinity, smallest: Float = 0.045
  ) {
    var waiting = Catalogue.selection(kinds, count, &numbers)
    var placed = 0
    var attempts = 0
    while placed < count && attempts < 2 * count + 4 {
      attempts += 1
      let thing = waiting.isEmpty ? numbers.pick(weighted: kinds)(&numbers) : waiting.removeFirst()
      guard
        let placement = place(thing, onHeight: height, within: area, farthest: farthest, smallest: smallest)
      else { continue }
      placed += 1
      Pile.add(on: thing, at: placement, to: &self)
    }
  }

  private func pictureBox(_ mesh: Mesh) -> PictureBox? {
    let (low, high) = mesh.bounds
    return pictureBox(low: low, high: high, Placement())
  }

  private func pictureBox(low: Vector, high: Vector, _ placement: Placement) -> PictureBox? {
    var box: PictureBox?
    for corner in 0..<8 {
      let p = Vector(
        corner & 1 == 0 ? low.x : high.x, corner & 2 == 0 ? low.y : high.y,
        corner & 4 == 0 ? low.z : high.z)
      guard let seen = camera.seen(placement.point(p)) else { return nil }
      let at = SIMD2(seen.x, seen.y)
      guard let known = box else {
        box = PictureBox(low: at, high: at)
        continue
      }
      box = PictureBox(low: pointwiseMin(known.low, at), high: pointwiseMax(known.high, at))
    }
    return box
  }
}

/// A turned rectangle on the ground.
struct Footprint {
  var centre: SIMD2<Float>
  var half: SIMD2<Float>
  /// Direction of its first side.
  var axis: SIMD2<Float>

  init(centre: SIMD2<Float>, half: SIMD2<Float>, yaw: Float) {
    self.centre = centre
    self.half = half
    axis = SIMD2(cosine(turns: yaw), -sine(turns: yaw))
  }

  private var other: SIMD2<Float> { SIMD2(-axis.y, axis.x) }

  /// Half its extent along a direction of length 1.
  private func reach(_ d: SIMD2<Float>) -> Float {
    half.x * abs((axis * d).sum()) + half.y * abs((other * d).sum())
  }

  func overlaps(_ o: Footprint, gap: Float) -> Bool {
    let between = o.centre - centre
    for d in [axis, other, o.axis, o.other]
    where abs((between * d).sum()) > reach(d) + o.reach(d) + gap { return false }
    return true
  }

  /// Whether it lies within another, `margin` from its edges.
  func lies(within o: Footprint, margin: Float) -> Bool {
    let between = centre - o.centre
    return abs((between * o.axis).sum()) + reach(o.axis) <= o.half.x - margin
      && abs((between * o.other).sum()) + reach(o.other) <= o.half.y - margin
  }
}

/// Fruit in bowls, and things on books.
enum Pile {
  static func add(on thing: Thing, at placement: Placement, to composer: inout Composer) {
    if let hollow = thing.hollow, composer.numbers.chance(0.4) {
      fill(hollow, at: placement, to: &composer)
    } else if let top = thing.top, composer.numbers.chance(0.35) {
      stack(top, at: placement, to: &composer)
    }
  }

  private static func fill(_ hollow: Thing.Hollow, at placement: Placement, to composer: inout Composer) {
    let kind: Catalogue.Maker = composer.numbers.chance(0.5) ? Apple.make : Orange.make
    let count = composer.numbers.whole(1...3)
    let start = composer.numbers.unit()
    for i in 0..<count {
      let fruit = kind(&composer.numbers)
      let (low, high) = fruit.mesh.bounds
      let radius = (high.x - low.x) / 2
      let out = count == 1 ? 0 : min(radius * (count == 2 ? 1.02 : 1.18), max(hollow.radius - radius * 0.7, 0))
      if count > 1 && out < radius * 0.98 && i > 0 { return }
      let turn = start + Float(i) / Float(count)
      // Against the wall of the bowl it lies higher.
      let rise = hollow.floor + out * out / hollow.radius * 0.35
      let at = placement.point(Vector(cosine(turns: turn) * out, rise, sine(turns: turn) * out))
      composer.add(fruit, Placement(at: at, yaw: composer.numbers.unit()))
    }
  }

  private static func stack(_ top: Thing.Platform, at placement: Placement, to composer: inout Composer) {
    var height = top.height
    var half = SIMD2(top.halfWidth, top.halfDepth)
    for _ in 0..<composer.numbers.whole(0...2) {
      let book = Book.lying(&composer.numbers)
      guard let platform = book.top, platform.halfWidth < half.x + 1, platform.halfDepth < half.y + 1 else {
        continue
      }
      put(book, turned: composer.numbers.around(0.04))
      height += platform.height
      half = SIMD2(platform.halfWidth, platform.halfDepth)
    }
    guard composer.numbers.chance(0.5) else { return }
    let small: [Catalogue.Maker] = [Cup.make, Apple.make, Orange.make, CellPhone.make, Mouse.make]
    put(composer.numbers.pick(small)(&composer.numbers), turned: composer.numbers.unit())

    func put(_ thing: Thing, turned: Float) {
      var on = placement
      on.origin.y += height
      let mesh = thing.mesh.moved(Placement(yaw: turned))
      var moved = thing
      moved.mesh = mesh
      composer.add(moved, on)
    }
  }
}
