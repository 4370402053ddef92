/// Which things stand where, and how often.
enum Catalogue {
  typealias Maker = @Sendable (inout SceneNumbers) -> Thing

  static let tabletop: [(Maker, Float)] = [
    (Cup.make, 3), (Bowl.make, 2), (Bottle.make, 2.2), (WineGlass.make, 1.6), (Vase.make, 1.6),
    (Book.make, 1.6), (Apple.make, 2), (Orange.make, 1.8), (Banana.make, 1.5), (Donut.make, 1.5),
    (Carrot.make, 0.9), (Clock.make, 1.2), (CellPhone.make, 1.4), (Laptop.make, 1.1),
    (Keyboard.make, 0.7), (Mouse.make, 0.9), (Remote.make, 0.7), (PottedPlant.make, 1.2),
    (TeddyBear.make, 0.7), (Pizza.make, 0.7), (Cake.make, 0.7), (smallBall, 0.8), (Television.make, 0.25),
  ]

  static let shelf: [(Maker, Float)] = [
    (Cup.make, 2), (Bowl.make, 1.6), (Bottle.make, 2), (WineGlass.make, 1.4), (Vase.make, 2.2),
    (Clock.make, 1.6), (PottedPlant.make, 1.6), (TeddyBear.make, 1.2), (SportsBall.make, 0.9),
    (Apple.make, 0.5), (Orange.make, 0.4),
  ]

  static let floor: [(Maker, Float)] = [
    (Chair.make, 3), (Couch.make, 0.9), (largePlant, 1.8), (SportsBall.make, 2), (Suitcase.make, 1.5),
    (largeBear, 1.2), (Umbrella.make, 1), (floorVase, 1), (Book.make, 0.8), (Laptop.make, 0.4),
  ]

  static let outdoors: [(Maker, Float)] = [
    (Chair.make, 1.6), (Bench.make, 1.3), (SportsBall.make, 2), (Umbrella.parasol, 1), (Umbrella.make, 0.6),
    (largePlant, 1), (FireHydrant.make, 1.2), (StopSign.make, 0.9), (TrafficLight.make, 0.7),
    (Suitcase.make, 0.7), (Frisbee.make, 0.9), (largeBear, 0.5),
  ]

  static let picnic: [(Maker, Float)] = [
    (Cup.make, 1.5), (Bowl.make, 1.5), (Bottle.make, 2), (WineGlass.make, 1), (Apple.make, 2),
    (Orange.make, 1.8), (Banana.make, 1.5), (Donut.make, 1), (Carrot.make, 0.8), (SportsBall.make, 1),
    (Frisbee.make, 1), (Book.make, 1), (TeddyBear.make, 0.6), (Pizza.make, 0.6), (Cake.make, 0.5),
  ]

  /// A few kinds, each of them one or several times, shuffled.
  static func selection(_ kinds: [(Maker, Float)], _ count: Int, _ numbers: inout SceneNumbers) -> [Thing] {
    var things: [Thing] = []
    while things.count < count {
      let kind = numbers.pick(weighted: kinds)
      let repeats = numbers.pick(weighted: [(1, 5), (2, 2.2), (3, 1.5), (4, 0.8), (5, 0.5)])
      for _ in 0..<min(repeats, count - things.count) { things.append(kind(&numbers)) }
    }
    // The largest first, as they find room the hardest.
    let sized = things.enumerated().map { index, thing -> (size: Float, index: Int) in
      let (low, high) = thing.mesh.bounds
      return ((high - low).length, index)
    }
    return sized.sorted { ($0.size, $1.index) > ($1.size, $0.index) }.map { things[$0.index] }
  }

  private static let smallBall: Maker = { SportsBall.make(largest: 5.5, &$0) }
  private static let largePlant: Maker = { PottedPlant.make(height: $0.number(55, 120), &$0) }
  private static let largeBear: Maker = { TeddyBear.make(height: $0.number(35, 65), &$0) }
  private static let floorVase: Maker = { numbers in
    var vase = Vase.make(&numbers)
    vase.mesh = vase.mesh.scaled(numbers.number(1.7, 2.4))
    return vase
  }
}

/// From a seed to a world.
enum SceneSampler {
  static func world(seed: UInt64, aspect: Float) -> World {
    var numbers = SceneNumbers(seed: seed)
    let setting = numbers.pick(weighted: [(0, 0.46), (1, 0.13), (2, 0.2), (3, 0.21)])
    switch setting {
    case 0: return Tabletop.sample(numbers, aspect: aspect)
    case 1: return Bookcase.sample(numbers, aspect: aspect)
    case 2: return FloorRoom.sample(numbers, aspect: aspect)
    default: return Outdoors.sample(numbers, aspect: aspect)
    }
  }
}

/// One thing before it is placed: standing on the origin, its front towards +z.
struct Thing {
  /// COCO's name.
  var category: String
  /// What a person would call it, where it has one colour.
  var colour: ColourName?
  var mesh: Mesh
  /// How far it is turned from facing the camera, in turns to either side; half a turn is any way.
  var yaw: Float = 0.5
  /// A flat top that carries smaller things.
  var top: Platform?
  /// A hollow that holds fruit.
  var hollow: Hollow?

  struct Platform {
    var height: Float
    var halfWidth: Float
    var halfDepth: Float
  }

  struct Hollow {
    var floor: Float
    var radius: Float
  }
}

/// A kind of thing that can be made at random.
protocol ThingKind {
  static func make(_ numbers: inout SceneNumbers) -> Thing
}

/// A scene as it is, before anybody looks.
struct World {
  struct Item {
    /// COCO's name.
    var category: String
    /// Things are segments of their own; all stuff of a category is one.
    var isThing: Bool
    var colour: ColourName?
    /// In the world's coordinates.
    var mesh: Mesh
    var castsShadow: Bool
  }

  var items: [Item] = []
  var camera: Camera
  var lighting: Lighting
  var photograph: Photograph
  /// What is seen where there is nothing: by direction.
  var backdrop: Material
  var backdropCategory: String
}
