import CrayonCore
import Testing

@testable import Scenes

/// Balls on a plane, whose silhouettes geometry tells.
@Suite struct StudioTests {
  static let side = 200

  /// A camera 100 cm from the origin that looks at it, level, over a lawn 30 cm below.
  static func world(_ things: [(x: Float, y: Float, z: Float, radius: Float, material: Material)]) -> World {
    var numbers = SceneNumbers(seed: 5)
    let camera = Camera(
      at: Vector(), distance: 100, azimuth: 0, elevation: 0, view: 0.125, aspect: 1)
    var composer = Composer(numbers: numbers, camera: camera)
    composer.addStuff(
      "grass-merged",
      .sheet(Vector(-5000, -30, 90), Vector(10000, 0, 0), Vector(0, 0, -9000), .plain(.grey(0.5))))
    for thing in things {
      let ball = Mesh.ball(radius: thing.radius, segments: 96, thing.material)
      composer.add(
        Thing(category: "sports ball", colour: .red, mesh: ball),
        Placement(at: Vector(thing.x, thing.y, thing.z)))
    }
    return World(
      items: composer.items, camera: camera,
      lighting: .indoors(focus: Vector(), reach: 80, azimuth: 0, &numbers), photograph: .any(&numbers),
      backdrop: .plain(.grey(0.8)), backdropCategory: "sky-other-merged")
  }

  static func scene(
    _ things: (x: Float, y: Float, z: Float, radius: Float, material: Material)...
  ) throws -> Scene {
    try SceneGenerator(width: side, height: side).scene(of: world(things))
  }

  static let red = Material.plain(.grey(0.5))

  static func balls(_ scene: Scene) -> [Segment] { scene.map.segments.filter { $0.category.isThing } }

  /// Of a ball on the axis: a disc with the tangent of the angle its outline is seen under.
  static func silhouette(radius: Double, distance: Double) -> Double {
    let focal = Double(side) / 2 / 0.41421356
    let r = focal * radius / (distance * distance - radius * radius).squareRoot()
    return .pi * r * r
  }

  /// What is made of something else entirely (a lining, soup) does not go by the thing's colour.
  @Test func aColourThatIsNotSeenIsNotNamed() throws {
    let scene = try Self.scene((-15, 0, 0, 8, Self.red), (15, 0, 0, 8, Self.red.apart()))
    #expect(Self.balls(scene).map { scene.attributes[$0.id]?.colour } == ["red", nil])
  }

  @Test(arguments: [Float(3), 8, 20])
  func aBallCoversItsSilhouette(radius: Float) throws {
    let scene = try Self.scene((0, 0, 0, radius, Self.red))
    let ball = try #require(Self.balls(scene).first)
    let expected = Self.silhouette(radius: Double(radius), distance: 100)
    // Ties go to the nearer, so an outline lies up to a quarter of a pixel outside.
    let outline = 2 * (Double.pi * expected).squareRoot()
    #expect(
      Double(ball.area) > expected - 0.05 * outline - 2 && Double(ball.area) < expected + 0.25 * outline + 2)
    #expect(scene.attributes[ball.id]?.visibleFraction ?? 0 > 0.98)
    #expect(abs((scene.attributes[ball.id]?.distance ?? 0) - 100) < 0.01)
    #expect(scene.map.voidArea == 0)
  }

  @Test(arguments: [true, false])
  func theNearerOwnsWhatTwoCover(nearFirst: Bool) throws {
    let near = (x: Float(0), y: Float(0), z: Float(40), radius: Float(8), material: Self.red)
    let far = (x: Float(0), y: Float(0), z: Float(-40), radius: Float(30), material: Self.red)
    let scene = try SceneGenerator(width: Self.side, height: Self.side)
      .scene(of: Self.world(nearFirst ? [near, far] : [far, near]))
    let balls = Self.balls(scene).sorted {
      (scene.attributes[$0.id]?.distance ?? 0) < (scene.attributes[$1.id]?.distance ?? 0)
    }
    try #require(balls.count == 2)
    let nearArea = Self.silhouette(radius: 8, distance: 60)
    let farArea = Self.silhouette(radius: 30, distance: 140)
    #expect(abs(Double(balls[0].area) - nearArea) < 0.02 * nearArea)
    #expect(abs(Double(balls[1].area) - (farArea - nearArea)) < 0.03 * farArea)
    let seen = try #require(scene.attributes[balls[1].id]?.visibleFraction)
    #expect(abs(seen - (1 - nearArea / farArea)) < 0.03)
    #expect(scene.map.ids[Self.side / 2 * Self.side + Self.side / 2] == balls[0].id)
  }

  @Test func whatIsHiddenIsNotThere() throws {
    let scene = try Self.scene((0, 0, 40, 12, Self.red), (0, 0, -40, 8, Self.red))
    #expect(Self.balls(scene).count == 1)
  }

  @Test func whatIsAlmostHiddenIsVoid() throws {
    // A sliver of a far ball looks out behind a near one.
    let scene = try Self.scene((0, 0, 40, 12, Self.red), (22, 0, -40, 8, Self.red))
    #expect(Self.balls(scene).count == 1)
    #expect(scene.map.voidArea > 0)
  }

  @Test func glassOwnsWhatIsSeenThroughIt() throws {
    let scene = try Self.scene(
      (0, 0, 40, 12, .glass(.grey(0.95))), (0, 0, -40, 8, Self.red))
    let balls = Self.balls(scene)
    #expect(balls.count == 1)
    let expected = Self.silhouette(radius: 12, distance: 60)
    #expect(abs(Double(balls.first?.area ?? 0) - expected) < 0.02 * expected)
  }
}
