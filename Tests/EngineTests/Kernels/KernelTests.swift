import CKernels
import Foundation
import Tensors
import Testing

/// Every instruction set against plain double-precision arithmetic, at sizes around the vector widths.
@Suite struct KernelTests {
  static let sets: [String] = {
    var names: [String] = []
    while let set = ck_available_operations(names.count) { names.append(String(cString: set.pointee.name)) }
    return names
  }()

  static func operations(_ name: String) throws -> ck_operations {
    for index in 0..<sets.count {
      if let set = ck_available_operations(index), String(cString: set.pointee.name) == name {
        return set.pointee
      }
    }
    throw CancellationError()
  }

  static func random(_ count: Int, seed: UInt64, in range: ClosedRange<Float> = -3...3) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + Float(state >> 40) / Float(1 << 24) * (range.upperBound - range.lowerBound)
    }
  }

  static func largestDifference(_ a: [Float], _ b: [Double]) -> Double {
    zip(a, b).map { abs(Double($0) - $1) }.max() ?? .infinity
  }

  @Test(arguments: sets, [1, 3, 4, 7, 8, 9, 15, 16, 17, 49, 144])
  func softmaxSumsItsRowsToOne(set: String, columns: Int) throws {
    let rows = 5
    var x = Self.random(rows * columns, seed: 1, in: -30...30)
    let bias = Self.random(rows * columns, seed: 2)
    let expected = (0..<rows).flatMap { row -> [Double] in
      let logits = (0..<columns).map {
        Double(x[row * columns + $0]) * 0.5 + Double(bias[row * columns + $0])
      }
      let powers = logits.map { exp($0 - logits.max()!) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
    try Self.operations(set).softmax(&x, rows, columns, 0.5, bias, nil)
    #expect(Self.largestDifference(x, expected) < 1e-6)
  }

  @Test(arguments: sets)
  func softmaxGivesNothingToMaskedColumns(set: String) throws {
    var x: [Float] = Array(repeating: 1, count: 20)
    var mask: [Float] = Array(repeating: 0, count: 20)
    for index in [0, 3, 10, 19] { mask[index] = -.infinity }
    try Self.operations(set).softmax(&x, 1, 20, 1, nil, mask)
    for index in 0..<20 {
      #expect(abs(x[index] - (mask[index] == 0 ? 1 / 16 : 0)) < 1e-7)
    }
  }

  @Test(arguments: sets, [1, 5, 8, 13, 16, 33])
  func geluIsTheExactOne(set: String, columns: Int) throws {
    var x = Self.random(3 * columns, seed: 3, in: -6...6)
    let bias = Self.random(columns, seed: 4)
    let residual = Self.random(3 * columns, seed: 5)
    let expected = (0..<3 * columns).map { index -> Double in
      let v = Double(x[index]) + Double(bias[index % columns])
      return v * 0.5 * (1 + erf(v / 2.0.squareRoot())) + Double(residual[index])
    }
    try Self.operations(set).bias_activation(
      &x, 3, columns, columns, bias, CK_ACTIVATION_GELU, residual, columns)
    #expect(Self.largestDifference(x, expected) < 2e-6)
  }

  /// What is not a number does not become one by an activation.
  @Test(
    arguments: sets,
    [
      CK_ACTIVATION_NONE, CK_ACTIVATION_RELU, CK_ACTIVATION_LEAKY_RELU, CK_ACTIVATION_GELU,
      CK_ACTIVATION_SIGMOID, CK_ACTIVATION_QUICK_GELU,
    ].map(\.rawValue))
  func activationsPassOnWhatIsNotANumber(set: String, activation: UInt32) throws {
    for columns in [1, 7, 16, 37] {
      var x = Self.random(columns, seed: 6)
      x[columns / 2] = .nan
      try Self.operations(set).bias_activation(
        &x, 1, columns, columns, nil, ck_activation(activation), nil, columns)
      #expect(x.indices.allSatisfy { x[$0].isNaN == ($0 == columns / 2) })
    }
  }

  @Test(arguments: sets, [false, true])
  func scalingPassesOnWhatIsNotANumber(set: String, relu: Bool) throws {
    for columns in [1, 7, 16, 37] {
      var x = Self.random(columns, seed: 8)
      x[columns / 2] = .nan
      var y = [Float](repeating: 0, count: columns)
      let scale = Self.random(columns, seed: 9)
      try Self.operations(set).scale_shift(x, &y, 1, columns, scale, scale, relu)
      for index in 0..<columns {
        let v = x[index] * scale[index] + scale[index]
        #expect(v.isNaN ? y[index].isNaN : abs(y[index] - (relu ? max(v, 0) : v)) < 1e-5)
      }
    }
  }

  @Test(arguments: sets, [1, 8, 19])
  func quickGELUIsASigmoidTimesItsArgument(set: String, columns: Int) throws {
    var x = Self.random(2 * columns, seed: 31, in: -60...60)
    let expected = x.map { Double($0) / (1 + exp(-1.702 * Double($0))) }
    try Self.operations(set).bias_activation(
      &x, 2, columns, columns, nil, CK_ACTIVATION_QUICK_GELU, nil, 0)
    #expect(Self.largestDifference(x, expected) < 1e-5)
  }

  @Test(arguments: sets, [1, 6, 8, 17, 96])
  func layerNormCentresItsRows(set: String, columns: Int) throws {
    let x = Self.random(4 * columns, seed: 6).map { $0 + 100 }
    let scale = Self.random(columns, seed: 7)
    let shift = Self.random(columns, seed: 8)
    var y = [Float](repeating: 0, count: x.count)
    let expected = (0..<4).flatMap { row -> [Double] in
      let values = x[row * columns..<(row + 1) * columns].map(Double.init)
      let mean = values.reduce(0, +) / Double(columns)
      let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
      return values.enumerated().map { index, value in
        (value - mean) / (variance + 1e-5).squareRoot() * Double(scale[index]) + Double(shift[index])
      }
    }
    try Self.operations(set).layer_norm(x, &y, 4, columns, scale, shift, 1e-5)
    #expect(Self.largestDifference(y, expected) < 2e-4)
  }

  @Test(arguments: sets, [1, 3, 8, 20])
  func bilinearResizingInterpolatesAndClampsAtTheEdges(set: String, channels: Int) throws {
    let (height, width, newHeight, newWidth) = (5, 4, 9, 11)
    let x = Self.random(height * width * channels, seed: 9)
    var y = [Float](repeating: 0, count: newHeight * newWidth * channels)
    try Self.operations(set).resize_bilinear(
      x, height, width, channels, &y, newHeight, newWidth, 0, newHeight, false)
    func source(_ position: Int, _ from: Int, _ to: Int) -> (Int, Int, Double) {
      let at = max(0, (Double(position) + 0.5) * Double(from) / Double(to) - 0.5)
      let low = min(Int(at), from - 1)
      return (low, min(low + 1, from - 1), at - Double(low))
    }
    var expected: [Double] = []
    for row in 0..<newHeight {
      let (y0, y1, fy) = source(row, height, newHeight)
      for column in 0..<newWidth {
        let (x0, x1, fx) = source(column, width, newWidth)
        for c in 0..<channels {
          func at(_ r: Int, _ q: Int) -> Double { Double(x[(r * width + q) * channels + c]) }
          expected.append(
            (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x1))
              + fy * ((1 - fx) * at(y1, x0) + fx * at(y1, x1)))
        }
      }
    }
    #expect(Self.largestDifference(y, expected) < 1e-5)
  }

  /// Queries of a head over keys and values that lie in pages, of 32 bits and of 16.
  @Test(arguments: sets, [1, 3, 127, 128, 129, 300])
  func attentionReadsPages(set: String, count: Int) throws {
    let (operations, positions) = (try Self.operations(set), Int(CK_PAGE))
    for (queries, width, halves) in [
      (1, 8, false), (3, 64, true), (4, 20, true), (6, 33, false), (9, 128, true),
    ] {
      let offset = 5 * width
      let query = Self.random(queries * width, seed: 40, in: -1...1)
      // What is behind the last position is nobody's.
      let pages = (0..<(count + positions - 1) / positions).map { page in
        var values = [Float](repeating: .nan, count: offset + 2 * width * positions)
        let own = Self.random(2 * width * positions, seed: 41 + UInt64(page))
        for slot in 0..<min(positions, count - page * positions) {
          for c in 0..<width {
            let (key, value) = (own[slot * width + c], own[(positions + slot) * width + c])
            values[offset + c * positions + slot] = halves ? Float(Float16(key)) : key
            values[offset + (positions + slot) * width + c] = halves ? Float(Float16(value)) : value
          }
        }
        return values
      }
      let stored = pages.map { page -> UnsafeMutableRawBufferPointer in
        let memory = UnsafeMutableRawBufferPointer.allocate(
          byteCount: page.count * (halves ? 2 : 4), alignment: 64)
        if halves {
          memory.copyBytes(from: page.map { Float16($0).bitPattern }.withUnsafeBytes { Array($0) })
        } else {
          memory.copyBytes(from: page.withUnsafeBytes { Array($0) })
        }
        return memory
      }
      defer { for memory in stored { memory.deallocate() } }
      let addresses = stored.map { UnsafeRawPointer($0.baseAddress) }
      var scores = [Float](repeating: 0, count: 4 * pages.count * positions)
      var out = [Float](repeating: 0, count: queries * width)
      query.withUnsafeBufferPointer { query in
        scores.withUnsafeMutableBufferPointer { scores in
          out.withUnsafeMutableBufferPointer { out in
            addresses.withUnsafeBufferPointer { addresses in
              var attention = ck_attention(
                queries: query.baseAddress, query_count: queries, width: width, pages: addresses.baseAddress,
                offset: offset, halves: halves, count: count, scale: 0.25, scores: scores.baseAddress,
                out: out.baseAddress)
              operations.attend(&attention)
            }
          }
        }
      }
      let expected = (0..<queries).flatMap { q -> [Double] in
        let logits = (0..<count).map { t in
          (0..<width).reduce(0.0) {
            $0 + Double(query[q * width + $1])
              * Double(pages[t / positions][offset + $1 * positions + t % positions])
          } * 0.25
        }
        let powers = logits.map { exp($0 - logits.max()!) }
        let sum = powers.reduce(0, +)
        return (0..<width).map { c in
          (0..<count).reduce(0.0) {
            $0 + powers[$1] / sum
              * Double(pages[$1 / positions][offset + (positions + $1 % positions) * width + c])
          }
        }
      }
      #expect(Self.largestDifference(out, expected) < 1e-5, "\(queries) queries, width \(width)")
    }
  }
}
