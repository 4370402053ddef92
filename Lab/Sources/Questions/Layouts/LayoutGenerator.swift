public import CrayonCore

/// Makes random panoptic maps without pictures: patches of stuff, and up to thirty things before them (now and then
/// sixty, as in a crowded street), often many of a kind. A language model that has learned from them understands any
/// segmenter's maps.
public struct LayoutGenerator: Sendable {
  /// Of its maps, in pixels.
  public let width: Int
  /// Of its maps, in pixels.
  public let height: Int
  private let everything: Vocabulary
  private let scenery: Vocabulary

  /// The categories that rendered scenes are made of.
  public static let sceneCategories = [
    "cup", "bowl", "bottle", "wine glass", "vase", "book", "apple", "orange", "banana", "carrot", "donut",
    "pizza",
    "cake", "sports ball", "frisbee", "clock", "cell phone", "laptop", "keyboard", "mouse", "remote", "tv",
    "potted plant", "teddy bear", "chair", "couch", "bench", "suitcase", "umbrella", "fire hydrant",
    "stop sign",
    "traffic light", "table-merged", "shelf", "wall-other-merged", "wall-brick", "wall-tile", "wall-wood",
    "door-stuff", "window-other", "curtain", "ceiling-merged", "floor-wood", "floor-other-merged", "rug-merged",
    "sky-other-merged", "grass-merged", "tree-merged", "fence-merged", "pavement-merged", "road", "sand", "sea",
    "mountain-merged", "building-other-merged",
  ]

  /// - Parameters:
  ///   - width: of the maps, at least 16
  ///   - height: likewise
  /// - Throws: ``LayoutError``
  public init(width: Int = 256, height: Int = 256) throws {
    guard width >= Self.leastSide, height >= Self.leastSide, width <= 1 << 14, height <= 1 << 14 else {
      throw LayoutError.badSize(width: width, height: height)
    }
    self.width = width
    self.height = height
    everything = Vocabulary(CategoryTable.coco.categories)
    scenery = Vocabulary(Self.sceneCategories.compactMap(CategoryTable.coco.category(named:)))
  }

  private struct Vocabulary {
    var things: [Category]
    var stuff: [Category]

    init(_ categories: [Category]) {
      things = categories.filter(\.isThing)
      stuff = categories.filter { !$0.isThing }
    }
  }

  private struct Thing {
    var category: Category
    var shape: LayoutShape
  }

  /// How unlike in size things of a kind are.
  private enum Depth {
    /// As cups on a table.
    case shallow
    /// As people in a street.
    case deep

    /// Of the kind's own size.
    var scales: ClosedRange<Double> { self == .deep ? 0.15...1.9 : 0.75...1.3 }

    /// Of a thing's longer side, as a fraction of the picture's.
    var sides: ClosedRange<Double> { self == .deep ? 1.0 / 32...0.9 : 1.0 / 16...0.5 }
  }

  private static let leastSide = 16

  /// A map: a quarter of them of the scenes' categories; the others of all 133, in every other one of these what is found
  /// together first, and in every other one people, as in photographs.
  public func layout(seed: UInt64) throws -> PanopticMap {
    var numbers = QuestionNumbers(seed: seed, stream: 2)
    let isScenery = numbers.chance(0.25)
    let vocabulary = isScenery ? scenery : everything
    var stuff = vocabulary.stuff.shuffled(using: &numbers)
    var kinds = vocabulary.things.shuffled(using: &numbers)
    if !isScenery {
      if numbers.chance(0.5), let together = numbers.pick(CategoryKinship.contexts) {
        stuff.bringToFront { together.contains($0.name) }
        kinds.bringToFront { together.contains($0.name) }
      }
      if numbers.chance(0.5) { kinds.bringToFront { $0.name == "person" } }
      if numbers.chance(0.15), let alike = numbers.pick(CategoryKinship.soundingAlike) {
        kinds.bringToFront { alike.contains($0.name) }
      }
    }
    let mostStuff = numbers.chance(0.06) ? 0 : numbers.chance(0.7) ? 5 : 10
    stuff = Array(stuff.prefix(mostStuff))
    let ground = LayoutGround.random(width: width, height: height, most: stuff.count, using: &numbers)
    var things = drawThings(kinds, using: &numbers)
    // What others hide is left out: of what is left, all is seen then.
    let visible = visibleThings(paint(things, ground), count: things.count)
    things = zip(things, visible).filter(\.1).map(\.0)
    let painted = paint(things, ground)
    return try map(painted, things: things.map(\.category), stuff: stuff, using: &numbers)
  }

  // MARK: Things

  /// - Parameter kinds: in the order in which they are taken
  private func drawThings(_ kinds: [Category], using numbers: inout QuestionNumbers) -> [Thing] {
    let isCrowded = numbers.chance(0.3)
    var left = isCrowded ? 60 : 30
    let taken =
      isCrowded
      ? numbers.whole(4...14)
      : numbers.pick([0, 1, 2, 3, 4, 5, 6, 8]) { [6, 22, 24, 18, 12, 8, 6, 4][min($0, 7)] } ?? 1
    let depth: Depth = numbers.chance(0.4) ? .deep : .shallow
    var things: [Thing] = []
    var before: Int?
    for category in kinds.prefix(taken) where left > 0 {
      // As many as of the kind before now and then, so that equal numbers can be asked about.
      let wanted =
        numbers.chance(0.25) ? before ?? Self.drawCount(using: &numbers) : Self.drawCount(using: &numbers)
      let count = min(wanted, left)
      before = count
      left -= count
      // The more there are, the smaller they are, so that they have room.
      let most = max(0.09, min(0.5, 1.1 / Double(count + 2)))
      let size = numbers.real(min(0.09, most)...most)
      for _ in 0..<count {
        things.append(thing(category, about: size, depth, beside: things, using: &numbers))
      }
    }
    // From the back to the front: what is lower in the picture is nearer.
    return numbers.chance(0.7)
      ? things.sorted { $0.shape.parts[0].y < $1.shape.parts[0].y } : things.shuffled(using: &numbers)
  }

  private static func drawCount(using numbers: inout QuestionNumbers) -> Int {
    switch numbers.whole(0...9) {
    case 0...2: 1
    case 3...4: numbers.whole(2...5)
    case 5...7: numbers.whole(2...20)
    default: numbers.whole(12...26)
    }
  }

  /// A thing at one of a few random places: the one that is farthest from the others, so that most are seen.
  private func thing(
    _ category: Category, about size: Double, _ depth: Depth, beside others: [Thing],
    using numbers: inout QuestionNumbers
  ) -> Thing {
    let size = max(depth.sides.lowerBound, min(depth.sides.upperBound, size * numbers.real(depth.scales)))
    var best = (x: 0.5, y: 0.5, room: -Double.infinity)
    for _ in 0..<(numbers.chance(0.2) ? 1 : 6) {
      let (x, y) = (numbers.real(0.03...0.97), numbers.real(0.03...0.97))
      let room =
        others.map { other in
          let part = other.shape.parts[0]
          let distance = ((part.x - x) * (part.x - x) + (part.y - y) * (part.y - y)).squareRoot()
          return distance - (max(part.halfWidth, part.halfHeight) + size / 2)
        }.min() ?? 0
      if room > best.room { best = (x, y, min(room, 0.02)) }
    }
    return Thing(
      category: category,
      shape: .random(x: best.x, y: best.y, size: size, using: &numbers))
  }

  // MARK: Pixels

  /// Things are 1, 2, … in the order given; stuff is -1, -2, …; void is 0.
  private func paint(_ things: [Thing], _ ground: [Int]) -> [Int32] {
    var painted = ground.map { Int32(-1 - $0) }
    for (index, thing) in things.enumerated() {
      thing.shape.paint(Int32(index + 1), into: &painted, width: width, height: height)
    }
    return painted
  }

  /// Which things have a few pixels.
  private func visibleThings(_ painted: [Int32], count: Int) -> [Bool] {
    var areas = [Int](repeating: 0, count: count + 1)
    for id in painted where id > 0 { areas[Int(id)] += 1 }
    return areas.dropFirst().map { $0 >= max(4, width * height / 4096) }
  }

  /// Ids as segmenters give them: kind after kind, things from left to right and stuff behind them, or in any order.
  private func map(
    _ painted: [Int32], things: [Category], stuff: [Category], using numbers: inout QuestionNumbers
  ) throws -> PanopticMap {
    let present = Set(painted)
    var keys = present.filter { $0 != 0 }.sorted()
    func kind(_ key: Int32) -> Int { key > 0 ? things[Int(key) - 1].id : stuff[Int(-1 - key)].id }
    switch numbers.whole(0...2) {
    case 0: keys.shuffle(using: &numbers)
    case 1: keys.sort { (kind($0), $0) < (kind($1), $1) }
    default:
      let columns = columns(painted)
      keys =
        keys.filter { $0 > 0 }.sorted { (columns[$0] ?? 0, $0) < (columns[$1] ?? 0, $1) }
        + keys.filter { $0 < 0 }.sorted { kind($0) < kind($1) }
    }
    var ids = [Int32](repeating: PanopticMap.void, count: things.count + stuff.count + 1)
    var labels: [Int32: PanopticMap.Label] = [:]
    for (index, key) in keys.enumerated() {
      ids[Int(key) + stuff.count] = Int32(index + 1)
      labels[Int32(index + 1)] = PanopticMap.Label(
        category: key > 0 ? things[Int(key) - 1] : stuff[Int(-1 - key)])
    }
    return try PanopticMap(
      width: width, height: height, ids: painted.map { ids[Int($0) + stuff.count] }, labels: labels)
  }

  /// The mean column of each of what is painted.
  private func columns(_ painted: [Int32]) -> [Int32: Double] {
    var sums: [Int32: (columns: Int, pixels: Int)] = [:]
    for (pixel, key) in painted.enumerated() {
      let sum = sums[key, default: (0, 0)]
      sums[key] = (sum.columns + pixel % width, sum.pixels + 1)
    }
    return sums.mapValues { Double($0.columns) / Double($0.pixels) }
  }
}

extension Array {
  /// Those first for which a condition holds, otherwise in their order.
  fileprivate mutating func bringToFront(where isFirst: (Element) -> Bool) {
    self = filter(isFirst) + filter { !isFirst($0) }
  }
}

/// Why no layouts can be made.
public enum LayoutError: Error, Equatable, CustomStringConvertible {
  case badSize(width: Int, height: Int)

  public var description: String {
    switch self {
    case .badSize(let width, let height):
      "maps of \(width)×\(height) pixels cannot be made; sides are from 16 to 16384"
    }
  }
}
