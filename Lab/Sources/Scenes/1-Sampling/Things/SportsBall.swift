import CRaster

/// Basketballs, footballs, beach balls, tennis balls and plain rubber balls with a stripe.
enum SportsBall: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing { make(largest: 12.5, &numbers) }

  /// - Parameter largest: the radius of the largest; below 6 it is a tennis or rubber ball.
  static func make(largest: Float, _ numbers: inout SceneNumbers) -> Thing {
    let seed = numbers.seed()
    let kind = largest < 6 ? numbers.pick([3, 4, 4]) : numbers.pick([0, 1, 2, 4, 0, 1])
    var colour: ColourName?
    var radius = numbers.number(10.5, 12.5)
    let material: Material
    switch kind {
    case 0:
      material = Material(CR_BASKETBALL, .hex(numbers.pick([0xc8601c, 0xb8541a])), .grey(0.08), seed: seed)
        .glossy(0.12, 15).bumpy(0.3, size: 0.5)
    case 1:
      let patch = numbers.chance(0.7) ? ColourName.black : ColourName.any(but: [.white, .yellow], &numbers)
      material = Material(CR_FOOTBALL, .grey(0.94), patch.shade(&numbers), seed: seed).glossy(0.25, 30)
    case 2:
      radius = numbers.number(12, 18)
      let first = ColourName.any(but: [.white, .black, .grey, .brown], &numbers)
      let second = ColourName.any(but: [.white, .black, .grey, .brown, first], &numbers)
      material = Material(CR_BEACH_BALL, first.shade(&numbers), second.shade(&numbers), seed: seed)
        .glossy(0.5, 70, mirror: 0.03)
    case 3:
      radius = numbers.number(3.2, 3.4)
      material = Material(CR_TENNIS, .hex(0xcfe02f), .grey(0.95), seed: seed)
    default:
      let name = ColourName.any(but: [.orange, .brown, .black, .grey], &numbers)
      colour = name
      radius = largest < 6 ? numbers.number(3.6, 5.5) : numbers.number(7, 12)
      let stripe =
        name == .white ? ColourName.any(but: [.white, .grey], &numbers).shade(&numbers) : .grey(0.95)
      material = Material(CR_TENNIS, name.shade(&numbers), stripe, seed: seed).glossy(0.4, 50, mirror: 0.02)
    }
    let mesh = Mesh.ball(radius: radius, segments: 36, material)
    let lean = Placement.roll(numbers.unit())
    let turned = mesh.moved(lean).moved(.pitch(numbers.unit()))
    return Thing(category: "sports ball", colour: colour, mesh: turned.standing())
  }
}
