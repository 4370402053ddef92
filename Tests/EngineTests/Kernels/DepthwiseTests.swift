import CKernels
import TestSupport
import Testing

/// The kernels of small convolutional networks, by every instruction set, against their definitions.
@Suite struct DepthwiseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var height: Int
    var width: Int
    var channels: Int
    var size: Int
    var step: Int
    var dilation: Int
    var padding: Int

    var testDescription: String {
      "\(height)×\(width)×\(channels), \(size)×\(size), step \(step), dilation \(dilation), padding \(padding)"
    }
  }

  static let cases = [(1, 1), (1, 9), (2, 3), (7, 4), (6, 13), (12, 11), (3, 20)].flatMap { height, width in
    [1, 7, 8, 24, 40].flatMap { channels in
      // The last three as TensorFlow's "same" has them at a step of 2, and with a dilation.
      [(3, 1, 1, 1), (3, 2, 1, 1), (5, 1, 1, 2), (5, 2, 1, 2), (3, 2, 1, 0), (5, 2, 1, 1), (5, 1, 2, 4)].map {
        Case(
          height: height, width: width, channels: channels, size: $0, step: $1, dilation: $2, padding: $3)
      }
    }
  }

  @Test(arguments: KernelTests.sets, cases)
  func everyChannelSeesItsOwnNeighbours(set: String, c: Case) throws {
    var numbers = SeededNumbers(seed: UInt64(c.channels))
    // A map among wider positions, to a result among wider positions.
    let (stride, outStride) = (c.channels + 3, c.channels + 5)
    let x = numbers.floats(c.height * c.width * stride)
    let taps = numbers.floats(c.size * c.size * c.channels)
    let bias = numbers.floats(c.channels)
    let (height, width) = ((c.height + c.step - 1) / c.step, (c.width + c.step - 1) / c.step)
    var out = [Float](repeating: 77, count: height * width * outStride)
    let operations = try KernelTests.operations(set)
    // In two goes.
    for rows in [0..<height / 2, height / 2..<height] {
      out.withUnsafeMutableBufferPointer { out in
        x.withUnsafeBufferPointer { x in
          taps.withUnsafeBufferPointer { taps in
            bias.withUnsafeBufferPointer { bias in
              var convolution = ck_depthwise(
                in: x.baseAddress, height: c.height, width: c.width, channels: c.channels, stride: stride,
                taps: taps.baseAddress, bias: bias.baseAddress, size: c.size, step: c.step,
                dilation: c.dilation, padding: c.padding, activation: CK_ACTIVATION_LEAKY_RELU,
                out: out.baseAddress.map { $0 + rows.lowerBound * width * outStride }, out_stride: outStride,
                first_row: rows.lowerBound, last_row: rows.upperBound)
              operations.depthwise(&convolution)
            }
          }
        }
      }
    }
    for y in 0..<height {
      for column in 0..<width {
        let at = (y * width + column) * outStride
        for channel in 0..<c.channels {
          var sum = Double(bias[channel])
          for tap in 0..<c.size * c.size {
            let row = y * c.step + tap / c.size * c.dilation - c.padding
            let place = column * c.step + tap % c.size * c.dilation - c.padding
            guard (0..<c.height).contains(row), (0..<c.width).contains(place) else { continue }
            sum +=
              Double(taps[tap * c.channels + channel]) * Double(x[(row * c.width + place) * stride + channel])
          }
          #expect(abs(Double(out[at + channel]) - max(sum, sum * Double(Float(0.1)))) < 1e-5)
        }
        // What lies between is not touched.
        #expect(out[at + c.channels..<at + outStride].allSatisfy { $0 == 77 })
      }
    }
  }

  @Test(arguments: KernelTests.sets, [1, 5, 8, 24])
  func poolingTakesTheLargestOfNine(set: String, channels: Int) throws {
    for (height, width) in [(1, 1), (5, 4), (8, 7)] {
      let x = KernelTests.random(height * width * channels, seed: 3)
      let (newHeight, newWidth) = ((height + 1) / 2, (width + 1) / 2)
      var out = [Float](repeating: .nan, count: newHeight * newWidth * channels)
      try KernelTests.operations(set).max_pool(x, height, width, channels, &out, 0, newHeight)
      for index in out.indices {
        let (y, column, channel) = (index / channels / newWidth, index / channels % newWidth, index % channels)
        let seen = (max(0, 2 * y - 1)..<min(height, 2 * y + 2)).flatMap { row in
          (max(0, 2 * column - 1)..<min(width, 2 * column + 2)).map {
            x[(row * width + $0) * channels + channel]
          }
        }
        #expect(out[index] == seen.max())
      }
    }
  }

  /// As torch has it.
  @Test(arguments: KernelTests.sets, [1, 8, 24])
  func poolingTakesWhatIsNotANumberForTheLargest(set: String, channels: Int) throws {
    let (height, width) = (5, 4)
    for broken in 0..<height * width {
      var x = KernelTests.random(height * width * channels, seed: 3)
      x[broken * channels] = .nan
      var out = [Float](repeating: 0, count: 3 * 2 * channels)
      try KernelTests.operations(set).max_pool(x, height, width, channels, &out, 0, 3)
      for index in out.indices {
        let (y, column) = (index / channels / 2, index / channels % 2)
        let sees = abs(broken / width - 2 * y) <= 1 && abs(broken % width - 2 * column) <= 1
        #expect(out[index].isNaN == (sees && index % channels == 0))
      }
    }
  }

  @Test(arguments: KernelTests.sets, [1, 3, 4, 9, 88])
  func interleavingTakesAValueOfEachInTurn(set: String, columns: Int) throws {
    let (a, b) = (KernelTests.random(3 * (columns + 2), seed: 1), KernelTests.random(3 * columns, seed: 2))
    var out = [Float](repeating: 0, count: 6 * columns)
    try KernelTests.operations(set).interleave(a, columns + 2, b, columns, 3, columns, &out)
    for row in 0..<3 {
      for column in 0..<columns {
        #expect(out[(row * columns + column) * 2] == a[row * (columns + 2) + column])
        #expect(out[(row * columns + column) * 2 + 1] == b[row * columns + column])
      }
    }
  }

  @Test(arguments: KernelTests.sets, [1, 4, 7, 16, 37])
  func aRowOfAMaskCountsAndTakesWhatIsFree(set: String, count: Int) throws {
    let upper = KernelTests.random(count, seed: 1, in: 0...1),
      lower = KernelTests.random(count, seed: 2, in: 0...1)
    let owners: [Int32] = (0..<count).map { [5, 0, 3][$0 % 3] }
    let yields: [Int32] = [-1, 0, 0, -1, 0, 0]
    let mask = zip(upper, lower).map { Float(0.75) * $0 + Float(0.25) * $1 }
    let operations = try KernelTests.operations(set)
    for id in [Int32(0), 9] {
      var (ids, inside, free, sum) = (owners, 2, 1, Float(0.5))
      operations.mask_row(upper, lower, 0.25, 0.5, &ids, count, id, yields, &inside, &free, &sum)
      let own = mask.indices.filter { mask[$0] > 0.5 }
      let taken = own.filter { owners[$0] != 5 }
      #expect(inside == 2 + own.count && free == 1 + taken.count)
      #expect(abs(sum - 0.5 - taken.reduce(0) { $0 + mask[$1] }) < 1e-5)
      #expect(ids == owners.indices.map { id != 0 && taken.contains($0) ? id : owners[$0] })
    }
  }
}

/// The product with a packed matrix, by every instruction set, against its definition.
@Suite struct PanelProductTests {
  static let sizes = [(1, 1, 1), (13, 5, 33), (7, 24, 88), (29, 33, 48), (12, 64, 54), (6, 9, 120)]

  @Test(arguments: KernelTests.sets, sizes)
  func multipliesAddsAndActivates(set: String, size: (rows: Int, inner: Int, columns: Int)) throws {
    let operations = try KernelTests.operations(set)
    try check(size, within: 2e-5, factor: { $0 }) { product, b in
      let panels = packed(b, size, together: 1)
      panels.withUnsafeBufferPointer {
        product.panels = $0.baseAddress
        operations.panel_product(&product)
      }
    }
  }

  /// Where the set has instructions for them: rounded to nearest, even ones where two are as near, and summed in 32 bits.
  @Test(arguments: KernelTests.sets, sizes)
  func multipliesPairsOfBFloats(set: String, size: (rows: Int, inner: Int, columns: Int)) throws {
    let operations = try KernelTests.operations(set)
    #expect((operations.panel_product_of_pairs != nil) == (set == "avx512bf16"))
    guard operations.panel_product_of_pairs != nil else { return }
    try check(size, within: 2e-5, factor: Self.rounded) { product, b in
      let pairs = packed(b, size, together: 2).map { UInt16(Self.rounded($0).bitPattern >> 16) }
      var rows = [UInt16](repeating: 0x7fc0, count: CK_PANEL_ROUNDED * (size.inner + 1))
      pairs.withUnsafeBufferPointer { pairs in
        rows.withUnsafeMutableBufferPointer { rows in
          product.pairs = pairs.baseAddress
          product.rounded = rows.baseAddress
          operations.panel_product_of_pairs(&product)
        }
      }
    }
  }

  private static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }

  /// [panels, steps, columns of a panel, together], of b [columns, inner]
  private func packed(_ b: [Float], _ size: (rows: Int, inner: Int, columns: Int), together: Int) -> [Float] {
    let (width, steps) = (CK_PANEL, (size.inner + together - 1) / together)
    var panels = [Float](repeating: 0, count: (size.columns + width - 1) / width * steps * width * together)
    for column in 0..<size.columns {
      for k in 0..<size.inner {
        let step = (column / width * steps + k / together) * width + column % width
        panels[step * together + k % together] = b[column * size.inner + k]
      }
    }
    return panels
  }

  /// - Parameters:
  ///   - factor: what becomes of a factor before it is multiplied
  ///   - multiply: is given all of a product but the matrix, and the matrix
  private func check(
    _ size: (rows: Int, inner: Int, columns: Int), within tolerance: Double, factor: (Float) -> Float,
    multiply: (inout ck_panel_product, [Float]) -> Void
  ) throws {
    let (rows, inner, columns) = size
    var numbers = SeededNumbers(seed: 8)
    let a = numbers.floats(rows * (inner + 2)), b = numbers.floats(columns * inner)
    let bias = numbers.floats(columns)
    let (start, residual) = (numbers.floats(rows * (columns + 3)), numbers.floats(rows * (columns + 3)))
    for accumulate in [false, true] {
      var out = start
      out.withUnsafeMutableBufferPointer { out in
        a.withUnsafeBufferPointer { a in
          bias.withUnsafeBufferPointer { bias in
            residual.withUnsafeBufferPointer { residual in
              var product = ck_panel_product(
                a: a.baseAddress, a_stride: inner + 2, rows: rows, inner: inner, panels: nil, pairs: nil,
                rounded: nil, columns: columns, bias: bias.baseAddress, accumulate: accumulate,
                activation: CK_ACTIVATION_LEAKY_RELU, residual: accumulate ? residual.baseAddress : nil,
                c: out.baseAddress, c_stride: columns + 3)
              multiply(&product, b)
            }
          }
        }
      }
      for row in 0..<rows {
        for column in 0..<columns {
          let at = row * (columns + 3) + column
          var sum = Double(bias[column]) + (accumulate ? Double(start[at]) : 0)
          for k in 0..<inner {
            sum += Double(factor(a[row * (inner + 2) + k])) * Double(factor(b[column * inner + k]))
          }
          let wanted = max(sum, 0.1 * sum) + (accumulate ? Double(residual[at]) : 0)
          #expect(abs(Double(out[at]) - wanted) < tolerance)
        }
        // What lies between is not touched.
        let between = row * (columns + 3) + columns..<(row + 1) * (columns + 3)
        #expect(out[between] == start[between])
      }
    }
  }
}
