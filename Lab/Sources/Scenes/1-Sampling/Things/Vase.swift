import CRaster

/// Bellied, waisted and slender vases, plain or painted, some with flowers.
enum Vase: ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing {
    let colour = ColourName.any(&numbers)
    let glaze = colour.shade(&numbers)
    let height = numbers.number(16, 30)
    let belly = height * numbers.number(0.2, 0.34)
    let shapes: [[(Float, Float)]] = [
      [(0.5, 0), (0.92, 0.2), (1, 0.38), (0.7, 0.62), (0.36, 0.8), (0.4, 0.9), (0.58, 1)],
      [(0.42, 0), (0.6, 0.2), (0.95, 0.55), (1, 0.7), (0.7, 0.86), (0.45, 0.92), (0.55, 1)],
      [(0.7, 0), (0.85, 0.12), (0.62, 0.42), (0.5, 0.62), (0.7, 0.85), (1, 1)],
      [(0.55, 0), (1, 0.25), (0.98, 0.32), (0.35, 0.52), (0.27, 0.75), (0.3, 0.92), (0.48, 1)],
    ]
    let wobble = numbers.number(0.92, 1.08)
    let outline = Mesh.curve(
      numbers.pick(shapes).map { SIMD2($0.0 * belly, ($0.1 > 0 && $0.1 < 1 ? $0.1 * wobble : $0.1) * height) },
      steps: 5)
    let light = numbers.chance(0.5) ? Colour.grey(0.93) : ColourName.any(&numbers).shade(&numbers)
    var named: ColourName? = colour
    let material: Material
    switch numbers.whole(0...6) {
    case 0:
      material = Material(CR_STRIPES, glaze, light, Colour(), height * numbers.number(0.12, 0.25), 0.28)
    case 1:
      material = Material(CR_DOTS, glaze, light, Colour(), 3, 0.24)
    case 2:
      material = Material(CR_LABEL, glaze, glaze.mixed(with: light, 0.8), glaze, height * 0.3, height * 0.5)
    case 3:
      material = Material(
        CR_MOTTLED, glaze, glaze.mixed(with: .grey(0.9), 0.35), Colour(), 3, seed: numbers.seed())
    default: material = .plain(glaze)
    }
    let rim = outline[outline.count - 1]
    var mesh = Mesh.revolved(
      Mesh.outline((0, 0)) + outline + Mesh.outline((rim.x - 0.4, rim.y))
        + outline.suffix(8).reversed().map { SIMD2(max($0.x - 0.5, 0.3), $0.y - 0.1) }
        + Mesh.outline((0, height * 0.6)),
      segments: 36, around: 18, material.anyFinish(&numbers))
    if numbers.chance(0.3) {
      mesh.add(
        Flowers.bunch(height: height * numbers.number(0.5, 0.8), spread: belly * 1.3, &numbers).moved(
          0, height * 0.9, 0))
      named = nil
    }
    return Thing(category: "vase", colour: named, mesh: mesh)
  }
}
