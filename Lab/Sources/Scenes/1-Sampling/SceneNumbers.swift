/// The one source of chance in a scene (SplitMix64): the same numbers for a seed on every machine. The
/// standard library's `random(in:using:)` is not used, as how it consumes bits is not promised.
struct SceneNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed ^ 0x5CE7_E5CE_7E5C_E7E5 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// For textures and noise.
  mutating func seed() -> UInt32 { UInt32(truncatingIfNeeded: next() >> 32) }

  /// 0 ≤ number < 1.
  mutating func unit() -> Float { Float(next() >> 40) * (1.0 / 16_777_216) }

  mutating func number(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }

  /// Around 0, at most ±`limit`, small ones more often.
  mutating func around(_ limit: Float) -> Float { (unit() + unit() + unit() - 1.5) * (limit / 1.5) }

  mutating func whole(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() >> 33) % range.count
  }

  mutating func chance(_ probability: Float) -> Bool { unit() < probability }

  /// - Precondition: there is a choice.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[whole(0...choices.count - 1)] }

  /// - Precondition: there is a choice of positive weight.
  mutating func pick<Choice>(weighted choices: [(Choice, Float)]) -> Choice {
    var left = unit() * choices.reduce(0) { $0 + $1.1 }
    for (choice, weight) in choices {
      left -= weight
      if left < 0 { return choice }
    }
    return choices[choices.count - 1].0
  }

  mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for i in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(i, whole(0...i)) }
  }
}
