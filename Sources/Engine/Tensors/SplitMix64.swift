/// Numbers that appear random and are the same on every run and every machine (Steele, Lea and Flood, 2014). Ranges of the
/// standard library take as many of them as they like, which no version promises; what has to stay the same for ever
/// draws from ``next()`` itself.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The same seed makes the same numbers.
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
