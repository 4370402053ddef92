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
