import Tensors
import Testing

@Suite struct TensorTests {
  @Test func copiesAreIndependentOnceWritten() {
    let a = Tensor([1, 2, 3, 4], shape: [2, 2])
    var b = a
    b.write { $0[0] = 9 }
    #expect(a.values == [1, 2, 3, 4])
    #expect(b.values == [9, 2, 3, 4])
  }

  @Test func rowsShareStorageUntilWritten() {
    var a = Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
    var rows = a.rows(1..<3)
    #expect(rows.shape == [2, 2])
    #expect(rows.values == [3, 4, 5, 6])
    rows.write { $0[0] = 7 }
    a.write { $0[3] = 8 }
    #expect(a.values == [1, 2, 3, 8, 5, 6])
    #expect(rows.values == [7, 4, 5, 6])
  }

  @Test func borrowedValuesAreNeverWritten() {
    final class Owner: Sendable {}
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: 2)
    defer { memory.deallocate() }
    memory[0] = 1
    memory[1] = 2
    var tensor = Tensor(borrowing: memory, shape: [2], owner: Owner())
    tensor.write { $0[0] = 5 }
    #expect(memory[0] == 1)
    #expect(tensor.values == [5, 2])
  }

  @Test func everyIndexIsVisitedOnce() {
    for count in [0, 1, 7, 1000] {
      let visits = UnsafeMutablePointer<Int>.allocate(capacity: max(count, 1))
      defer { visits.deallocate() }
      visits.initialize(repeating: 0, count: max(count, 1))
      nonisolated(unsafe) let shared = visits
      Parallel.forEachRange(count, grain: 3) { for index in $0 { shared[index] += 1 } }
      #expect((0..<count).allSatisfy { visits[$0] == 1 })
    }
  }
}
