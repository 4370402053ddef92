import CrayonCore

/// From who owns each pixel to segments and what is true of them.
struct SceneTruth {
  let map: PanopticMap
  let attributes: [Int32: SegmentAttributes]

  /// A thing is in the truth from this part of the picture on…
  static let leastArea: Float = 24 / 65536
  /// …and from this share of what would be seen of it alone.
  static let leastVisible = 0.07
  /// A thing is called by its colour from this part of what is seen of it on.
  static let leastColoured = 0.2

  init(_ seen: SceneRenderer, _ geometry: SceneGeometry, _ world: World, width: Int, height: Int) throws {
    let slots = geometry.slots
    var areas = [Int](repeating: 0, count: slots.count + 1)
    var columns = [Int](repeating: 0, count: slots.count + 1)
    var depths = [Double](repeating: 0, count: slots.count + 1)
    // The backdrop belongs to the stuff of its category, or stands last.
    let backdrop = slots.firstIndex { !$0.isThing && $0.category == world.backdropCategory } ?? slots.count
    for i in seen.owners.indices {
      let slot = seen.owners[i] < 0 ? backdrop : Int(seen.owners[i])
      areas[slot] += 1
      columns[slot] += i % width
      depths[slot] += Double(seen.distances[i])
    }
    let least = Int((Self.leastArea * Float(width * height)).rounded(.up))
    func visible(_ slot: Int) -> Double {
      let whole = slot < slots.count ? Double(seen.alone[slot]) : Double(width * height)
      return min(1, Double(areas[slot]) / max(whole, 1))
    }
    let kept = areas.indices.filter { slot in
      guard areas[slot] >= max(least, 1) else { return false }
      return slot == slots.count || !slots[slot].isThing || visible(slot) >= Self.leastVisible
    }
    // Things from left to right, then stuff.
    let middles = areas.indices.map { Double(columns[$0]) / Double(max(areas[$0], 1)) }
    let isThing = { (slot: Int) in slot < slots.count && slots[slot].isThing }
    let order =
      kept.filter(isThing).sorted { (middles[$0], $0) < (middles[$1], $1) } + kept.filter { !isThing($0) }

    var ids = [Int32](repeating: PanopticMap.void, count: slots.count + 1)
    var labels: [Int32: PanopticMap.Label] = [:]
    var attributes: [Int32: SegmentAttributes] = [:]
    for (index, slot) in order.enumerated() {
      let id = Int32(index + 1)
      let name = slot < slots.count ? slots[slot].category : world.backdropCategory
      guard let category = CategoryTable.coco.category(named: name) else {
        throw SceneError.unknownCategory(name)
      }
      ids[slot] = id
      labels[id] = PanopticMap.Label(category: category)
      let distance: Double?
      if isThing(slot) {
        distance = Double((slots[slot].middle - world.camera.eye).dot(world.camera.forward))
      } else {
        distance = slot == slots.count ? nil : depths[slot] / Double(areas[slot])
      }
      let showsColour = isThing(slot) && seen.coloured[slot] >= Self.leastColoured
      attributes[id] = SegmentAttributes(
        colour: showsColour ? slots[slot].colour?.rawValue : nil, distance: distance,
        visibleFraction: visible(slot))
    }
    map = try PanopticMap(
      width: width, height: height, ids: seen.owners.map { ids[$0 < 0 ? backdrop : Int($0)] }, labels: labels)
    self.attributes = attributes
  }
}
