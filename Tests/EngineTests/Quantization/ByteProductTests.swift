import CKernels
import Tensors
import TestSupport
import Testing

/// Products of several rows, in two bytes a value, with stored blocks.
@Suite struct ByteProductTests {
  static let formats: [MatrixFormat] = [.q4_0, .q4_1, .q8_0, .nf4]
  static let counts = [1, 2, 5, 6, 7, 13]

  static func activations(_ count: Int, _ columns: Int) -> [Float] {
    var numbers = SeededNumbers(seed: 21)
    return numbers.floats(count * columns)
  }

  /// A matrix times some rows, by a set of kernels.
  static func product(_ matrix: QuantizedMatrix, _ x: [Float], _ operations: ck_operations) -> [Float] {
    let (columns, count) = (matrix.columns, x.count / matrix.columns)
    var whole = [Int8](repeating: 0, count: 2 * x.count)
    var scales = [Float](repeating: 0, count: x.count / 16)
    let tile = ck_byte_tile(count)
    whole.withUnsafeMutableBufferPointer { whole in
      scales.withUnsafeMutableBufferPointer { scales in
        x.withUnsafeBufferPointer { x in
          guard let whole = whole.baseAddress, let scales = scales.baseAddress, let x = x.baseAddress else {
            return
          }
          for row in stride(from: 0, to: count, by: tile) {
            operations.quantize_bytes(
              x + row * columns, columns, min(tile, count - row), columns, whole + row * 2 * columns,
              scales + row * columns / 16)
          }
        }
      }
    }
    var y = [Float](repeating: 0, count: count * matrix.rows)
    var panels = [UInt8](repeating: 0, count: 2 * columns / 32 * operations.byte_panel_bytes)
    whole.withUnsafeBufferPointer { whole in
      scales.withUnsafeBufferPointer { scales in
        var rows = ck_byte_rows(whole: whole.baseAddress, scales: scales.baseAddress, rows: count)
        matrix.withKernelMatrix { matrix in
          withUnsafePointer(to: matrix) {
            operations.byte_product($0, &rows, 0, matrix.rows, &panels, 2, &y, matrix.rows)
          }
        }
      }
    }
    return y
  }

  /// As near to the product of floats as 15 bits an activation can be (and 8 an nf4 number), and on every set of kernels the same.
  @Test(arguments: formats, counts)
  func isNearTheProductOfFloats(format: MatrixFormat, count: Int) throws {
    let matrix = try QuantizedMatrixTests.matrix(format)
    let weights = try QuantizedMatrixTests.expected(format).values
    let x = Self.activations(count, matrix.columns)
    let wanted = (0..<count).flatMap { row in
      (0..<matrix.rows).map { output in
        (0..<matrix.columns).reduce(0.0) {
          $0 + Double(x[row * matrix.columns + $1]) * Double(weights[output * matrix.columns + $1])
        }
      }
    }
    var first: [Float]?
    for set in KernelSet.available.indices {
      let y = Self.product(matrix, x, try #require(ck_available_operations(set)).pointee)
      let error = zip(y, wanted).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
      let size = wanted.reduce(0.0) { $0 + $1 * $1 }
      #expect((error / size).squareRoot() < (format == .nf4 ? 0.012 : 1e-4), "\(KernelSet.available[set])")
      #expect(y == first ?? y, "\(KernelSet.available[set])")
      first = first ?? y
    }
  }

  /// Of a row of which a number is broken nothing is finite, and other rows are as they were.
  @Test(arguments: formats, KernelSet.available.indices)
  func whatIsNotFiniteStaysSo(format: MatrixFormat, set: Int) throws {
    let matrix = try QuantizedMatrixTests.matrix(format)
    let operations = try #require(ck_available_operations(set)).pointee
    let x = Self.activations(3, matrix.columns)
    let y = Self.product(matrix, x, operations)
    for broken in [Float.nan, .infinity, -.infinity] {
      for position in [0, 31, 32, matrix.columns - 1] {
        var spoilt = x
        spoilt[matrix.columns + position] = broken
        let got = Self.product(matrix, spoilt, operations)
        #expect(got[matrix.rows..<2 * matrix.rows].allSatisfy { !$0.isFinite })
        #expect(
          got[..<matrix.rows] == y[..<matrix.rows] && got[(2 * matrix.rows)...] == y[(2 * matrix.rows)...])
      }
    }
  }

  /// A power of two changes no digit, and down to the smallest floats nothing is lost that a float can say.
  @Test(arguments: formats)
  func tinyBlocks(format: MatrixFormat) throws {
    let matrix = try QuantizedMatrixTests.matrix(format)
    let operations = try #require(ck_available_operations(0)).pointee
    let x = Self.activations(2, matrix.columns)
    let y = Self.product(matrix, x, operations)
    for exponent in [-140, -126, -100, -60, 60] {
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      let scaled = Self.product(matrix, x.map { $0 * factor }, operations)
      let isFinite = scaled.allSatisfy(\.isFinite)
      #expect(isFinite)
      if exponent >= -60 { #expect(scaled == y.map { $0 * factor }, "2^\(exponent)") }
    }
  }

  /// What a model that may round gives for a row depends neither on other rows nor on threads.
  @Test(arguments: formats, [2, 5, 40])
  func rowsStandAlone(format: MatrixFormat, count: Int) throws {
    let matrix = try Precision.$current.withValue(.auto) { try QuantizedMatrixTests.matrix(format) }
    let x = Tensor(Self.activations(count, matrix.columns), shape: [count, matrix.columns])
    let whole = matrix.product(x).values
    #expect(Parallel.$threads.withValue(1) { matrix.product(x).values } == whole)
    let two = matrix.product(x.rows(0..<2)).values
    #expect(two == Array(whole[..<two.count]))
  }
}
