/// How far values are from a reference, measured against the reference's own size, so that a tensor of
/// zeros never passes for one that is not.
public struct Closeness: Sendable, CustomStringConvertible {
  /// The largest difference, divided by the largest value of the reference.
  public let relative: Double
  /// Where the largest difference is.
  public let index: Int
  public let got: Double
  public let expected: Double

  /// Infinitely far when the counts differ or a value is not a number.
  public init(_ got: some Sequence<Float>, to expected: some Sequence<some BinaryFloatingPoint>) {
    let got = got.map(Double.init)
    let expected = expected.map { Double($0) }
    let scale = expected.map(abs).max() ?? 0
    var worst = -1.0
    var worstIndex = 0
    for (index, (a, b)) in zip(got, expected).enumerated() {
      let difference = (a - b).isNaN ? .infinity : abs(a - b)
      if difference > worst { (worst, worstIndex) = (difference, index) }
    }
    relative =
      got.count != expected.count || got.isEmpty ? .infinity : worst / max(scale, .leastNormalMagnitude)
    index = worstIndex
    self.got = got.indices.contains(worstIndex) ? got[worstIndex] : .nan
    self.expected = expected.indices.contains(worstIndex) ? expected[worstIndex] : .nan
  }

  public var description: String {
    "relative difference \(relative), largest at \(index): got \(got), expected \(expected)"
  }
}
