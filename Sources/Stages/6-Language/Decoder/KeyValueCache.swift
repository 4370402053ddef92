/// The keys and values of a context's positions, for every layer and head. A value: a copy is a branch, as beam
/// search needs, and shares memory until one of the two goes on.
public struct KeyValueCache: Sendable {
  /// Positions that are stored.
  public private(set) var count = 0
  /// [layers · heads][count · headWidth]: a head's positions lie together, as attention reads them.
  private var keys: [[Float]]
  private var values: [[Float]]
  private let heads: Int
  private let headWidth: Int

  /// - Parameter reserving: positions to make room for
  public init(for configuration: DecoderConfiguration, reserving positions: Int = 0) {
    heads = configuration.keyValueHeads
    headWidth = configuration.headWidth
    let capacity = min(max(positions, 0), configuration.contextLength) * headWidth
    let lists = 0..<configuration.layers * heads
    keys = lists.map { _ in Self.empty(capacity) }
    values = lists.map { _ in Self.empty(capacity) }
  }

  private static func empty(_ capacity: Int) -> [Float] {
    var list: [Float] = []
    list.reserveCapacity(capacity)
    return list
  }

  /// Forgets all positions from `count` on, so that a context with the same beginning can go on from there.
  public mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    self.count = max(count, 0)
    for index in keys.indices {
      keys[index].removeLast(keys[index].count - self.count * headWidth)
      values[index].removeLast(values[index].count - self.count * headWidth)
    }
  }

  /// Adds rows to a head of a layer, `stride` apart. `finish(adding:)` counts them when all have them.
  mutating func append(
    layer: Int, head: Int, rows: Int, keys newKeys: UnsafePointer<Float>,
    values newValues: UnsafePointer<Float>, stride: Int
  ) {
    let index = layer * heads + head
    for row in 0..<rows {
      keys[index].append(
        contentsOf: UnsafeBufferPointer(start: newKeys + row * stride, count: headWidth))
      values[index].append(
        contentsOf: UnsafeBufferPointer(start: newValues + row * stride, count: headWidth))
    }
  }

  mutating func finish(adding rows: Int) { count += rows }

  /// Lends the keys and values of a head of a layer, [positions, headWidth] each.
  func read(
    layer: Int, head: Int, _ body: (_ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>) -> Void
  ) {
    let index = layer * heads + head
    keys[index].withUnsafeBufferPointer { keys in
      values[index].withUnsafeBufferPointer { values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        body(keys, values)
      }
    }
  }
}
