import CrayonCore
import Testing

@testable import Scenes

/// Whatever chance makes, it is a thing of COCO's that stands on the ground.
@Suite struct CatalogueTests {
  static let makers = [
    Catalogue.tabletop, Catalogue.shelf, Catalogue.floor, Catalogue.outdoors, Catalogue.picnic,
  ]

  @Test func thingsStandOnTheGroundAndHaveAName() {
    var numbers = SceneNumbers(seed: 9)
    for (make, weight) in Self.makers.joined() {
      #expect(weight > 0)
      for _ in 0..<12 {
        let thing = make(&numbers)
        #expect(CategoryTable.coco.category(named: thing.category)?.isThing == true)
        let (low, high) = thing.mesh.bounds
        // Handles of umbrellas and the like may sink in a little.
        #expect(abs(low.y) < 0.35 || thing.category == "umbrella", "\(thing.category) starts at \(low.y)")
        #expect((high - low).min() > 0.2 && (high - low).max() < 300, "\(thing.category)")
        #expect(thing.mesh.triangles.allSatisfy { Int(max($0.a, $0.b, $0.c)) < thing.mesh.vertices.count })
        #expect(
          thing.mesh.vertices.allSatisfy {
            ($0.position.x + $0.position.y + $0.position.z).isFinite && abs($0.normal.length - 1) < 0.01
          }, "\(thing.category) has a bad corner")
      }
    }
  }

  @Test func coloursOfDifferentNamesAreApart() {
    var numbers = SceneNumbers(seed: 2)
    // Square roots are about even steps for the eye.
    let shades = ColourName.allCases.map { name in
      (0..<60).map { _ in name.shade(&numbers).squareRoot() }
    }
    for (index, first) in shades.enumerated() {
      for second in shades.dropFirst(index + 1) {
        let nearest = first.flatMap { a in second.map { (a - $0).length } }.min() ?? 0
        #expect(nearest > 0.2, "\(ColourName.allCases[index]) comes too near to another")
      }
    }
  }

  @Test func chanceIsEven() {
    var numbers = SceneNumbers(seed: 1)
    let mean = (0..<4000).reduce(Float(0)) { sum, _ in sum + numbers.unit() } / 4000
    #expect(abs(mean - 0.5) < 0.02)
    let picks = (0..<4000).map { _ in numbers.pick(weighted: [(0, Float(1)), (1, 3)]) }
    #expect(abs(Float(picks.reduce(0, +)) / 4000 - 0.75) < 0.03)
  }

  @Test(arguments: [Float(0), 0.1, 0.25, 0.37, -0.6, 3.2])
  func sinesAreSines(turns: Float) {
    // Pythagoras and the double angle pin them down together with the quarter's value.
    let s = sine(turns: turns)
    let c = cosine(turns: turns)
    #expect(abs(s * s + c * c - 1) < 1e-5)
    #expect(abs(sine(turns: 2 * turns) - 2 * s * c) < 1e-5)
    #expect(abs(sine(turns: 1.0 / 12) - 0.5) < 1e-6)
  }
}
