import CKernels
import TestSupport
import Testing

/// Multi-scale deformable attention against its definition, one sample at a time.
@Suite struct DeformableAttentionTests {
  /// Levels of 3×5, 2×2 and 1×1 positions, one after the other.
  static let levels = [
    ck_level(start: 0, height: 3, width: 5), ck_level(start: 15, height: 2, width: 2),
    ck_level(start: 19, height: 1, width: 1),
  ]
  static let positions = 20

  @Test(arguments: KernelTests.sets, [1, 4, 8, 13, 32, 40])
  func addsBilinearSamplesByWeight(set: String, headWidth: Int) throws {
    let (heads, points, queries) = (2, 2, 7)
    var numbers = SeededNumbers(seed: UInt64(headWidth))
    let samples = Self.levels.count * points
    let values = numbers.floats(Self.positions * heads * headWidth)
    let references = numbers.floats(queries * 2, in: 0...1)
    // Far enough that many samples fall partly or wholly outside.
    let offsets = numbers.floats(queries * heads * samples * 2, in: -4...4)
    let weights = numbers.floats(queries * heads * samples, in: 0...1)
    var out = [Float](repeating: .nan, count: queries * heads * headWidth)
    try KernelTests.operations(set).deformable_attention(
      Self.levels, Self.levels.count, points, heads, headWidth, values, references, offsets, weights,
      &out, queries)

    var expected = [Double](repeating: 0, count: out.count)
    for query in 0..<queries {
      for head in 0..<heads {
        for sample in 0..<samples {
          let level = Self.levels[sample / points]
          let at = (query * heads + head) * samples + sample
          let x = Double(references[query * 2]) * Double(level.width) + Double(offsets[at * 2]) - 0.5
          let y = Double(references[query * 2 + 1]) * Double(level.height) + Double(offsets[at * 2 + 1]) - 0.5
          for row in 0..<level.height {
            for column in 0..<level.width {
              let share = max(0, 1 - abs(x - Double(column))) * max(0, 1 - abs(y - Double(row)))
              for d in 0..<headWidth {
                let position = level.start + row * level.width + column
                expected[(query * heads + head) * headWidth + d] +=
                  share * Double(weights[at]) * Double(values[(position * heads + head) * headWidth + d])
              }
            }
          }
        }
      }
    }
    let closeness = Closeness(out, to: expected)
    #expect(closeness.relative < 1e-5, "\(closeness)")
  }

  @Test(arguments: KernelTests.sets)
  func samplesThatAreNotNumbersOrFarAwayCountAsNothing(set: String) throws {
    let values = [Float](repeating: 1, count: Self.positions * 4)
    let offsets: [Float] = [.nan, 0, 0, .infinity, 1e30, -1e30, 0, 0, -.infinity, 1, 1e9, 1e9]
    var out = [Float](repeating: .nan, count: 4)
    try KernelTests.operations(set).deformable_attention(
      Self.levels, 3, 2, 1, 4, values, [0.5, 0.5], offsets, [1, 1, 1, 0.25, 1, 1], &out, 1)
    // Only the fourth sample lies in its level: the middle of four equal values.
    #expect(out == [0.25, 0.25, 0.25, 0.25])
  }
}
