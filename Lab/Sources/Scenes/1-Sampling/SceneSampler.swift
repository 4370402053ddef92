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
