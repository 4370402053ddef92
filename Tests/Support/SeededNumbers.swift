public import Tensors

/// The numbers that tests draw.
public typealias SeededNumbers = SplitMix64

extension SplitMix64 {
  /// Evenly spread over a range.
  public mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
