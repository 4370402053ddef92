import CKernels
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// Every block format against what the `gguf` and `bitsandbytes` packages read in the same bytes.
@Suite struct QuantizedMatrixTests {
  static let folder = Fixtures.folder.appendingPathComponent("Quantization")
  static let formats: [MatrixFormat] = MatrixFormat.allCases.filter { $0 != .nf4 }

  static func matrix(_ format: MatrixFormat) throws -> QuantizedMatrix {
    if format == .nf4 {
      let weights = WeightReader(try Checkpoint(file: folder.appendingPathComponent("nf4.safetensors")))
      return try weights.matrix("weight", rows: 48, columns: 192)
    }
    return try GGUFFile(folder.appendingPathComponent("blocks.gguf"))
      .matrix(format.rawValue, rows: 3, columns: 512)
  }

  static func expected(_ format: MatrixFormat) throws -> Tensor {
    let (file, name) = format == .nf4 ? ("nf4-expected", "values") : ("blocks", format.rawValue)
    return try Checkpoint(file: folder.appendingPathComponent("\(file).safetensors")).tensor(name)
  }

  @Test(arguments: MatrixFormat.allCases)
  func valuesAreTheReferencesBitForBit(format: MatrixFormat) throws {
    let (got, wanted) = (try Self.matrix(format).dequantized(), try Self.expected(format))
    #expect(got.shape == wanted.shape)
    let differing = zip(got.values, wanted.values).count { $0.bitPattern != $1.bitPattern }
    #expect(differing == 0)
  }

  /// On every set of kernels that this processor can run.
  @Test(arguments: MatrixFormat.allCases, KernelSet.available.indices)
  func kernelsAgree(format: MatrixFormat, set: Int) throws {
    let matrix = try Self.matrix(format)
    let operations = try #require(ck_available_operations(set)).pointee
    var values = [Float](repeating: 0, count: matrix.rows * matrix.columns)
    matrix.withKernelMatrix { matrix in
      withUnsafePointer(to: matrix) { operations.dequantize($0, 0, matrix.rows, &values) }
    }
    let wanted = try Self.expected(format)
    #expect(zip(values, wanted.values).allSatisfy { $0.bitPattern == $1.bitPattern })

    var numbers = SeededNumbers(seed: 4)
    let x = numbers.floats(matrix.columns)
    let y = Self.product(matrix, x, operations)
    let product = (0..<matrix.rows).map { row in
      zip(x, wanted.values[(row * matrix.columns)...]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    let closeness = Closeness(y, to: product)
    #expect(closeness.relative < 1e-4, "\(closeness)")
  }

  /// A matrix times one row, by a set of kernels.
  static func product(_ matrix: QuantizedMatrix, _ x: [Float], _ operations: ck_operations) -> [Float] {
    var whole = [Int16](repeating: 0, count: matrix.columns)
    var scales = [Float](repeating: 0, count: matrix.columns / 16)
    operations.quantize_row(x, matrix.columns, &whole, &scales)
    var y = [Float](repeating: 0, count: matrix.rows)
    x.withUnsafeBufferPointer { x in
      whole.withUnsafeBufferPointer { whole in
        scales.withUnsafeBufferPointer { scales in
          var row = ck_row(floats: x.baseAddress, whole: whole.baseAddress, scales: scales.baseAddress)
          matrix.withKernelMatrix { matrix in
            withUnsafePointer(to: matrix) { operations.matrix_row($0, &row, 0, matrix.rows, &y) }
          }
        }
      }
    }
    return y
  }

  /// A broken activation never becomes a number again: wherever it stands, on every set of kernels, for one row and
  /// for many.
  @Test(arguments: MatrixFormat.allCases, KernelSet.available.indices)
  func whatIsNotFiniteStaysSo(format: MatrixFormat, set: Int) throws {
    let matrix = try Self.matrix(format)
    let operations = try #require(ck_available_operations(set)).pointee
    var numbers = SeededNumbers(seed: 11)
    for broken in [Float.nan, -.nan, .infinity, -.infinity, .signalingNaN] {
      for position in [0, 1, 31, 32, 63, 64, matrix.columns / 2, matrix.columns - 1] {
        for magnitude: Float in [0, Float.leastNormalMagnitude, 1, 1e38] {
          var x = numbers.floats(matrix.columns).map { $0 * magnitude }
          x[position] = broken
          let y = Self.product(matrix, x, operations)
          #expect(y.allSatisfy { !$0.isFinite }, "\(broken) at \(position) among numbers up to \(magnitude)")
        }
      }
    }
    for count in [1, 6] {
      var x = numbers.floats(count * matrix.columns)
      x[7] = .nan
      let y = matrix.product(Tensor(x, shape: [count, matrix.columns])).values
      let isBroken = y.map { !$0.isFinite }
      #expect(isBroken == (0..<count * matrix.rows).map { $0 < matrix.rows })
    }
  }

  /// Down to the smallest floats, a block is as good as any other as long as its product is a normal number.
  @Test(arguments: MatrixFormat.allCases, KernelSet.available.indices)
  func tinyAndHugeBlocks(format: MatrixFormat, set: Int) throws {
    let matrix = try Self.matrix(format)
    let operations = try #require(ck_available_operations(set)).pointee
    var numbers = SeededNumbers(seed: 12)
    let x = numbers.floats(matrix.columns)
    let y = Self.product(matrix, x, operations)
    for exponent in [-148, -140, -130, -126, -120, -113, -112, -111, -100, -60, 60, 100] {
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      let scaled = Self.product(matrix, x.map { $0 * factor }, operations)
      let isFinite = scaled.allSatisfy(\.isFinite)
      #expect(isFinite, "2^\(exponent)")
      // In the range of floats that have all their digits, a power of two changes none.
      if exponent >= -60 {
        let closeness = Closeness(scaled, to: y.map { Double($0) * Double(factor) })
        #expect(closeness.relative < 1e-6, "2^\(exponent): \(closeness)")
      }
    }
  }

  /// One row and many rows go different ways to the same product.
  @Test(arguments: MatrixFormat.allCases, [1, 3, 6])
  func products(format: MatrixFormat, count: Int) throws {
    let matrix = try Self.matrix(format)
    var numbers = SeededNumbers(seed: 9)
    let x = Tensor(numbers.floats(count * matrix.columns), shape: [count, matrix.columns])
    let weights = try Self.expected(format).values
    let wanted = (0..<count).flatMap { row in
      (0..<matrix.rows).map { output in
        (0..<matrix.columns).reduce(0.0) {
          $0 + Double(x.values[row * matrix.columns + $1]) * Double(weights[output * matrix.columns + $1])
        }
      }
    }
    let product = matrix.product(x)
    #expect(product.shape == [count, matrix.rows])
    let closeness = Closeness(product.values, to: wanted)
    #expect(closeness.relative < 1e-4, "\(closeness)")
  }

  /// The same codes as bitsandbytes gives, and a file that reads back.
  @Test func quantisingToNF4() throws {
    let folder = try TemporaryFolder()
    let original = try Checkpoint(file: Self.folder.appendingPathComponent("nf4-expected.safetensors"))
    let theirs = try Checkpoint(file: Self.folder.appendingPathComponent("nf4.safetensors"))
    try CheckpointQuantization.write(
      original, .nf4, matrices: ["original"], to: folder.file("ours.safetensors"))
    let ours = try Checkpoint(file: folder.file("ours.safetensors"))
    #expect(try ours.integers(named: "original") == theirs.integers(named: "weight"))
    // Where a scale is about half-way between two codes, bitsandbytes does not always take the nearer.
    let scales = zip(
      try ours.integers(named: "original.absmax"), try theirs.integers(named: "weight.absmax"))
    #expect(scales.allSatisfy { abs($0 - $1) <= 1 })
    #expect(scales.count { $0 != $1 } <= 2)
    for suffix in [".nested_absmax", ".nested_quant_map", ".quant_map"] {
      let (a, b) = (try ours.tensor("original" + suffix), try theirs.tensor("weight" + suffix))
      #expect(Closeness(a.values, to: b.values).relative < 1e-6)
    }
    let weights = WeightReader(ours)
    let matrix = try weights.matrix("original", rows: 48, columns: 192)
    let closeness = Closeness(
      matrix.dequantized().values, to: try original.tensor("values").values)
    #expect(closeness.relative < 3e-3, "\(closeness)")
    // What was not named is as it was.
    #expect(try ours.tensor("values").values == original.tensor("values").values)
    #expect(
      throws: CheckpointError.wrongShape(
        path: folder.file("ours.safetensors").path, name: "original", expected: [96, 96], got: [48, 192])
    ) { try weights.matrix("original", rows: 96, columns: 96) }
  }

  @Test func halvesAreRoundedToTheNearest() {
    for bits in stride(from: UInt16(0), through: 0x7bff, by: 1) {
      let value = Float(Float16(bitPattern: bits))
      #expect(ck_half_from_float(value) == bits)
      #expect(ck_half_from_float(-value) == bits | 0x8000)
    }
    #expect(ck_half_from_float(1 + 0x1p-11) == 0x3c00)
    #expect(ck_half_from_float(1 + 0x1.8p-11) == 0x3c01)
    #expect(ck_half_from_float(65520) == 0x7c00)
    #expect(ck_half_from_float(.nan) & 0x7fff > 0x7c00)
  }

  /// How columns are cut among threads decides nothing: every cut gives the bits of the whole.
  @Test(arguments: KernelSet.available.indices, [1, 4, 7])
  func addedRowsDoNotDependOnTheCut(set: Int, rows: Int) throws {
    let operations = try #require(ck_available_operations(set)).pointee
    let columns = 80
    var numbers = SeededNumbers(seed: 14)
    let matrix = QuantizedMatrix(
      Tensor(numbers.floats(rows * columns), shape: [rows, columns]), format: .f16)
    let (factors, start) = (numbers.floats(rows), numbers.floats(columns))
    func added(cuts: [Int]) -> [UInt32] {
      var y = start
      matrix.withKernelMatrix { matrix in
        withUnsafePointer(to: matrix) { matrix in
          for (first, last) in zip([0] + cuts, cuts + [columns]) {
            operations.add_scaled_rows(matrix, factors, first, last, &y)
          }
        }
      }
      return y.map(\.bitPattern)
    }
    let whole = added(cuts: [])
    for cut in stride(from: 8, to: columns, by: 8) { #expect(added(cuts: [cut]) == whole, "cut at \(cut)") }
  }

  /// Equal weights are equal files, whatever process writes them: a description's keys have one order.
  @Test func aDescriptionHasOneOrder() throws {
    let folder = try TemporaryFolder()
    let original = try Checkpoint(file: Self.folder.appendingPathComponent("nf4-expected.safetensors"))
    try CheckpointQuantization.write(original, .nf4, matrices: ["original"], to: folder.file("a.safetensors"))
    let bytes = try Checkpoint(file: folder.file("a.safetensors"))
      .integers(named: "original.quant_state.bitsandbytes__nf4").map { UInt8($0) }
    let text = String(decoding: bytes, as: UTF8.self)
    let keys = text.split(separator: "\"").filter {
      $0.contains("_") || ["blocksize", "dtype", "shape"].contains($0)
    }
    .filter { text.contains("\"\($0)\":") }
    #expect(keys.count == 7 && keys == keys.sorted(), "\(text)")
  }

  /// A scale of 16 bits is infinite from some size on.
  @Test func whatIsTooLargeForQ8IsRefused() throws {
    let folder = try TemporaryFolder()
    func write(_ largest: Float) throws {
      var writer = SafetensorsWriter()
      writer["w"] = .float32(Tensor([Float](repeating: 1, count: 63) + [largest], shape: [2, 32]))
      try writer.write(to: folder.file("w.safetensors"))
      try CheckpointQuantization.write(
        Checkpoint(file: folder.file("w.safetensors")), .q8, matrices: ["w"], to: folder.file("q.safetensors"))
    }
    try write(127 * 65000)
    try Checkpoint(file: folder.file("q.safetensors")).requireFinite()
    #expect(
      throws: CheckpointError.tooLarge(path: folder.file("w.safetensors").path, name: "w", index: 32)
    ) { try write(1e7) }
    // As other programs could write it: the second row's scale is infinite.
    var bytes = try Data(contentsOf: folder.file("q.safetensors"))
    bytes.replaceSubrange(bytes.count - 34..<bytes.count - 32, with: [0x00, 0x7c])
    try bytes.write(to: folder.file("q.safetensors"))
    let broken = try Checkpoint(file: folder.file("q.safetensors"))
    let fault = CheckpointError.notFinite(path: broken.path, name: "w", index: 32)
    #expect(throws: fault) { try broken.requireFinite() }
    #expect(throws: fault) { try WeightReader(broken).matrix("w", rows: 2, columns: 32, readingValues: true) }
  }

  /// Kernels have its numbers as whole ones of 16 bits.
  @Test func anNF4MapBeyondOneIsRefused() throws {
    let folder = try TemporaryFolder()
    let original = try Checkpoint(file: Self.folder.appendingPathComponent("nf4.safetensors"))
    var writer = SafetensorsWriter()
    for entry in original.entries { writer[entry.name] = .stored(entry) }
    let map = try original.tensor("weight.quant_map")
    writer["weight.quant_map"] = .float32(Tensor(map.values.map { $0 * 1.25 }, shape: [16]))
    try writer.write(to: folder.file("w.safetensors"))
    let changed = try Checkpoint(file: folder.file("w.safetensors"))
    #expect(
      throws: CheckpointError.wrongMetadata(
        path: changed.path, key: "weight.quant_map", expected: "16 numbers from −1 to 1")
    ) { try WeightReader(changed).matrix("weight", rows: 48, columns: 192) }
  }

  /// An audit finds what loading would miss.
  @Test func anAuditAsksForEveryPartOfNF4() throws {
    let folder = try TemporaryFolder()
    let original = try Checkpoint(file: Self.folder.appendingPathComponent("nf4.safetensors"))
    func bad(without name: String?) throws -> [String] {
      var writer = SafetensorsWriter()
      for entry in original.entries where entry.name != name { writer[entry.name] = .stored(entry) }
      try writer.write(to: folder.file("w.safetensors"))
      let (audit, checkpoint) = (WeightAudit(), try Checkpoint(file: folder.file("w.safetensors")))
      _ = try WeightReader(checkpoint, for: audit).matrix("weight", rows: 48, columns: 192)
      return audit.findings(of: checkpoint).filter { !$0.isGood && $0.name.hasPrefix("weight") }.map(\.name)
    }
    #expect(try bad(without: nil) == [])
    for part in [".nested_absmax", ".quant_map", ".nested_quant_map", ".quant_state.bitsandbytes__nf4"] {
      #expect(try bad(without: "weight" + part) == ["weight" + part])
    }
  }
}
