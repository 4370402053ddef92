import CKernels
import TestSupport
import Testing

@Suite struct ScoredArgmaxTests {
  @Test(arguments: KernelTests.sets, [1, 2, 7, 8, 9, 16, 33])
  func findsTheStrongestCandidateAndCountsTheClaims(set: String, candidates: Int) throws {
    var numbers = SeededNumbers(seed: 5)
    let rows = 50
    let x = numbers.floats(rows * candidates, in: 0...1)
    let scores = numbers.floats(candidates, in: 0.5...1)
    var winners = [Int32](repeating: -1, count: rows)
    var reached = [Int32](repeating: 3, count: candidates)
    try KernelTests.operations(set).scored_argmax(
      x, rows, candidates, scores, 0.4, &winners, &reached)
    for row in 0..<rows {
      let products = (0..<candidates).map { x[row * candidates + $0] * scores[$0] }
      #expect(products[Int(winners[row])] == products.max())
    }
    for candidate in 0..<candidates {
      let claims = (0..<rows).filter { x[$0 * candidates + candidate] * scores[candidate] >= 0.4 }
      #expect(reached[candidate] == 3 + Int32(claims.count))
    }
  }

  @Test(arguments: KernelTests.sets)
  func theFirstOfEqualsWins(set: String) throws {
    var winners: [Int32] = [-1]
    var reached = [Int32](repeating: 0, count: 20)
    let x: [Float] = (0..<20).map { [5, 9, 17].contains($0) ? 0.5 : 0.25 }
    try KernelTests.operations(set).scored_argmax(
      x, 1, 20, [Float](repeating: 1, count: 20), 0.5, &winners, &reached)
    #expect(winners == [5])
    #expect(reached.indices.filter { reached[$0] == 1 } == [5, 9, 17])
  }
}
