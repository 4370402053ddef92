import Tensors
import TestSupport
import Testing

/// Products by oneDNN, where it is installed.
@Suite(.enabled(if: OneDNN.version != nil, "oneDNN is not installed"))
struct PackedWeightsTests {
  static func packed(_ weights: [Float], outputs: Int, _ precision: Precision) -> PackedWeights? {
    PackedWeights(outputs: outputs, inputs: weights.count / outputs, precision: precision) { body in
      weights.withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
    }
  }

  static func product(_ packed: PackedWeights, _ x: [Float], adding: Float? = nil) -> [Float] {
    let rows = x.count / packed.inputs
    var out = [Float](repeating: adding ?? .nan, count: rows * packed.outputs)
    let isDone = out.withUnsafeMutableBufferPointer { out in
      x.withUnsafeBufferPointer { x in
        guard let out = out.baseAddress, let x = x.baseAddress else { return false }
        return packed.multiply(x, rows: rows, accumulate: adding != nil, into: out)
      }
    }
    #expect(isDone)
    return out
  }

  @Test(arguments: [(1, 64, 64), (7, 100, 30), (50, 96, 192), (130, 33, 577)], [Precision.bfloat16, .auto])
  func isTheProduct(shape: (rows: Int, outputs: Int, inputs: Int), precision: Precision) throws {
    var numbers = SeededNumbers(seed: 5)
    let weights = numbers.floats(shape.outputs * shape.inputs)
    let x = numbers.floats(shape.rows * shape.inputs)
    let packed = try #require(Self.packed(weights, outputs: shape.outputs, precision))
    let wanted = (0..<shape.rows).flatMap { row in
      (0..<shape.outputs).map { output in
        (0..<shape.inputs).reduce(0.0) {
          $0 + Double(x[row * shape.inputs + $1]) * Double(weights[output * shape.inputs + $1])
        }
      }
    }
    let limit = precision.mark.isEmpty ? 1e-5 : 0.01
    for adding in [nil, Float(2)] {
      let y = Self.product(packed, x, adding: adding)
      let goal = wanted.map { $0 + Double(adding ?? 0) }
      let error = zip(y, goal).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
      #expect((error / goal.reduce(0.0) { $0 + $1 * $1 }).squareRoot() < limit)
    }
  }

  @Test func whatIsNotANumberStaysSo() throws {
    var numbers = SeededNumbers(seed: 6)
    let packed = try #require(Self.packed(numbers.floats(64 * 64), outputs: 64, .bfloat16))
    for broken in [Float.nan, Float(bitPattern: 0x7f80_0001), .infinity] {
      var x = numbers.floats(2 * 64)
      x[70] = broken
      let isFinite = Self.product(packed, x).map(\.isFinite)
      #expect(isFinite == (0..<128).map { $0 < 64 })
    }
  }

  @Test func thirtyTwoBitsPackNothing() {
    #expect(Self.packed([Float](repeating: 1, count: 4096), outputs: 64, .float32) == nil)
  }
}

@Suite struct BLASTests {
  /// Whatever processor this is, known to the library or not.
  @Test(
    .enabled(if: KernelSet.available.contains("avx2"), "no wide vectors"))
  func coreHasWideVectors() {
    #expect(!["Prescott", "Core2", "Nehalem", "Barcelona"].contains(BLAS.core))
  }
}
