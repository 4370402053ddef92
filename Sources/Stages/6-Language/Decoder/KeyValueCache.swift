/// The keys and values of a context's positions, layer by layer. A value: a copy is a branch,
/// as beam search needs, and shares memory until one of the two goes on.
public struct KeyValueCache: Sendable {
  /// Positions that are stored.
  public private(set) var count = 0
  /// [layers][count · width]
  private(set) var keys: [[Float]]
  private(set) var values: [[Float]]
  private let width: Int

  /// - Parameter reserving: positions to make room for
  public init(for configuration: DecoderConfiguration, reserving positions: Int = 0) {
    width = configuration.keyValueWidth
    let positions = min(positions, configuration.contextLength)
    keys = (0..<configuration.layers).map { _ in Self.empty(positions * configuration.keyValueWidth) }
    values = (0..<configuration.layers).map { _ in Self.empty(positions * configuration.keyValueWidth) }
  }

  private static func empty(_ capacity: Int) -> [Float] {
    var array: [Float] = []
    array.reserveCapacity(capacity)
    return array
  }

  /// Forgets all positions from `count` on, so that a context with the same beginning can go on from there.
  public mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    self.count = max(count, 0)
    for layer in keys.indices {
      keys[layer].removeLast(keys[layer].count - self.count * width)
      values[layer].removeLast(values[layer].count - self.count * width)
    }
  }

  /// Adds rows of keys and values to a layer. `finish(adding:)` counts them when all layers have them.
  mutating func append(
    layer: Int, rows: Int,
    _ fill: (_ keys: UnsafeMutablePointer<Float>, _ values: UnsafeMutablePointer<Float>) -> Void
  ) {
    let start = keys[layer].count
    keys[layer].append(contentsOf: repeatElement(0, count: rows * width))
    values[layer].append(contentsOf: repeatElement(0, count: rows * width))
    keys[layer].withUnsafeMutableBufferPointer { keys in
      values[layer].withUnsafeMutableBufferPointer { values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        fill(keys + start, values + start)
      }
    }
  }

  mutating func finish(adding rows: Int) { count += rows }
}
