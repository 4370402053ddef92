import Tensors

/// The one source of chance in a scene (SplitMix64): the same numbers for a seed on every machine. The
/// standard library's `random(in:using:)` is not used, as how it consumes bits is not promised.
struct SceneNumbers {
  private var numbers: SplitMix64

  init(seed: UInt64) { numbers = SplitMix64(seed: seed ^ 0x5CE7_E5CE_7E5C_E7E5) }

  mutating func next() -> UInt64 { numbers.next() }

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

/// The colours a person names without thinking, each with the range of shades that nobody would name
/// otherwise; between the ranges lie gaps.
enum ColourName: String, CaseIterable, Sendable {
  case red, orange, yellow, green, blue, purple, pink, brown, black, white, grey

  /// A shade of it.
  func shade(_ numbers: inout SceneNumbers) -> Colour {
    let t = numbers.unit()
    let s = numbers.unit()
    switch self {
    case .red: return .srgb(0.70 + 0.18 * t, 0.05 + 0.07 * s, 0.06 + 0.06 * s)
    case .orange: return .srgb(0.95 + 0.05 * t, 0.48 + 0.07 * s, 0.04 + 0.06 * t)
    case .yellow: return .srgb(0.95 + 0.05 * t, 0.83 + 0.06 * s, 0.10 + 0.15 * t)
    case .green: return .srgb(0.08 + 0.20 * t, 0.48 + 0.22 * s, 0.14 + 0.12 * t)
    case .blue: return .srgb(0.08 + 0.12 * t, 0.25 + 0.20 * s, 0.68 + 0.20 * s)
    case .purple: return .srgb(0.42 + 0.12 * t, 0.14 + 0.10 * s, 0.58 + 0.14 * t)
    case .pink: return .srgb(0.95 + 0.04 * t, 0.50 + 0.14 * s, 0.68 + 0.10 * s)
    case .brown: return .srgb(0.38 + 0.10 * t, 0.21 + 0.06 * t, 0.09 + 0.06 * s)
    case .black: return Colour(repeating: 1) * (0.008 + 0.014 * t)
    case .white: return .srgb(0.93 + 0.04 * t, 0.93 + 0.04 * t, 0.92 + 0.04 * t)
    case .grey: return .srgb(0.50 + 0.12 * t, 0.50 + 0.12 * t, 0.51 + 0.12 * t)
    }
  }

  /// Of plates, plastics and cloth; all of them about as often.
  static func any(_ numbers: inout SceneNumbers) -> ColourName { numbers.pick(Self.allCases) }

  /// Any but some.
  static func any(but excluded: Set<ColourName>, _ numbers: inout SceneNumbers) -> ColourName {
    numbers.pick(Self.allCases.filter { !excluded.contains($0) })
  }

  /// White on dark shades and black on light ones, or another hue that stands out.
  func contrast(_ numbers: inout SceneNumbers) -> Colour {
    switch self {
    case .white, .yellow, .pink, .grey, .orange:
      ColourName.black.shade(&numbers)
    default: ColourName.white.shade(&numbers)
    }
  }
}
