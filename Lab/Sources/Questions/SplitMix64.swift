/// Numbers that look random and are the same on every run and every machine (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// - Parameter stream: another stream of numbers for the same seed
  init(seed: UInt64, stream: UInt64 = 0) {
    state = seed &+ stream &* 0xD134_2543_DE82_EF95
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Evenly spread over a range.
  mutating func real(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
  }

  mutating func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func chance(_ probability: Double) -> Bool { real(0...1) < probability }

  /// One of the elements, each as likely as its weight says; nil where there is none of any weight.
  mutating func pick<Element>(_ elements: [Element], weight: (Element) -> Double) -> Element? {
    let weights = elements.map(weight)
    var left = real(0...1) * weights.reduce(0, +)
    for (element, weight) in zip(elements, weights) where weight > 0 {
      left -= weight
      if left < 0 { return element }
    }
    return weights.lastIndex { $0 > 0 }.map { elements[$0] }
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &self) }
}
