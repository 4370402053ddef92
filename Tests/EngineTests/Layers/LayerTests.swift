import Foundation
import Layers
import Tensors
import TestSupport
import Testing

/// Layers against their definitions in double precision, at sizes where tiles and vectors do not come out
/// even.
@Suite struct LayerTests {
  static func tensor(_ shape: [Int], seed: UInt64) -> Tensor {
    var numbers = SeededNumbers(seed: seed)
    return Tensor(numbers.floats(shape.reduce(1, *)), shape: shape)
  }

  @Test(arguments: [(1, 3, 5), (7, 16, 9), (70, 33, 130), (2050, 8, 20)])
  func linearMultipliesAddsAndActivates(rows: Int, inputs: Int, outputs: Int) {
    let x = Self.tensor([rows, inputs], seed: 1)
    let layer = Linear(
      weight: Self.tensor([outputs, inputs], seed: 2), bias: Self.tensor([outputs], seed: 3))
    let residual = Self.tensor([rows, outputs], seed: 4)
    let (xs, ws, bs, rs) = (x.values, layer.weight.tensor.values, layer.bias?.values ?? [], residual.values)
    var expected: [Double] = []
    for row in 0..<rows {
      for column in 0..<outputs {
        var sum = Double(bs[column])
        for k in 0..<inputs { sum += Double(xs[row * inputs + k]) * Double(ws[column * inputs + k]) }
        expected.append(max(0, sum) + Double(rs[row * outputs + column]))
      }
    }
    let closeness = Closeness(layer(x, activation: .relu, residual: residual).values, to: expected)
    #expect(closeness.relative < 1e-5, "\(closeness)")
  }

  /// Rows that are multiplied one by one, by panels, and by tiles; values that a half holds exactly.
  @Test(arguments: [1, 4, 5, 70, 2050])
  func aStoredWeightGivesWhatItsFloatsGive(rows: Int) {
    let (inputs, outputs) = (64, 130)
    let weight = QuantizedMatrix(Self.tensor([outputs, inputs], seed: 30), format: .f16)
    let bias = Self.tensor([outputs], seed: 31)
    let x = Self.tensor([rows, inputs], seed: 32)
    let residual = Self.tensor([rows, outputs], seed: 33)
    let stored = Linear(weight: .stored(weight), bias: bias)
    let floats = Linear(weight: weight.dequantized(), bias: bias)
    let wanted = floats(x, activation: .gelu, residual: residual).values
    let closeness = Closeness(stored(x, activation: .gelu, residual: residual).values, to: wanted)
    #expect(closeness.relative < 2e-6, "\(closeness)")
    let inPlace = Tensor(shape: [rows, outputs]) { out in
      x.read { stored.apply(to: $0, rows: rows, activation: .relu, into: out) }
    }
    #expect(Closeness(inPlace.values, to: floats(x, activation: .relu).values).relative < 2e-6)
  }

  @Test(arguments: [(1, 1, 1), (3, 4, 1), (5, 2, 1), (1, 1, 2), (6, 4, 2), (5, 7, 2)])
  func convolutionSeesNineNeighboursAndZerosBeyondTheEdge(height: Int, width: Int, stride: Int) {
    let (inputs, outputs) = (3, 4)
    let map = FeatureMap(
      height: height, width: width, values: Self.tensor([height * width, inputs], seed: 5))
    let weight = Self.tensor([outputs, inputs, 3, 3], seed: 6)
    let bias = Self.tensor([outputs], seed: 7)
    let (rows, columns) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
    let residual = FeatureMap(
      height: rows, width: columns, values: Self.tensor([rows * columns, outputs], seed: 8))
    let (xs, ws, bs, rs) = (map.values.values, weight.values, bias.values, residual.values.values)
    var plain: [Double] = []
    for position in 0..<rows * columns {
      let (y, x) = (position / columns * stride, position % columns * stride)
      for output in 0..<outputs {
        var sum = 0.0
        for input in 0..<inputs {
          for tap in 0..<9 {
            let (row, column) = (y + tap / 3 - 1, x + tap % 3 - 1)
            guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
            sum +=
              Double(xs[(row * width + column) * inputs + input])
              * Double(ws[(output * inputs + input) * 9 + tap])
          }
        }
        plain.append(sum)
      }
    }
    let convolution = Convolution3x3(weight: weight, bias: bias, stride: stride)
    let bare = Convolution3x3(weight: weight, stride: stride)(map)
    #expect(bare.height == rows && bare.width == columns)
    #expect(Closeness(bare.values.values, to: plain).relative < 1e-5)
    let whole = plain.indices.map { max(0, plain[$0] + Double(rs[$0]) + Double(bs[$0 % outputs])) }
    let result = convolution(map, activation: .relu, residual: residual)
    #expect(Closeness(result.values.values, to: whole).relative < 1e-5)
  }

  /// TensorFlow's "same" at a stride of 2: what torch makes of a map with a row and a column of zeros behind it.
  @Test(arguments: [(2, 2), (6, 4), (8, 10)])
  func withoutPaddingAConvolutionSeesZerosBehindAlone(height: Int, width: Int) {
    let (weight, bias) = (Self.tensor([4, 3, 3, 3], seed: 6), Self.tensor([4], seed: 7))
    let map = FeatureMap(height: height, width: width, values: Self.tensor([height * width, 3], seed: 5))
    let result = Convolution3x3(weight: weight, bias: bias, stride: 2, padding: 0)(map)
    // At a stride of 1 and a padding of 1 every position is the middle of what it sees.
    let all = Convolution3x3(weight: weight, bias: bias)(map).values.values
    #expect(result.height == height / 2 && result.width == width / 2)
    let expected = (0..<height / 2).flatMap { y in
      (0..<width / 2).flatMap { x in
        (0..<4).map { all[((2 * y + 1) * width + 2 * x + 1) * 4 + $0] }
      }
    }
    #expect(Closeness(result.values.values, to: expected).relative < 1e-5)
  }

  /// A few rows at a time, against each layer on the whole map.
  @Test(arguments: [
    (3, 1, 1, 6), (3, 1, 1, 9), (3, 2, 1, 6), (5, 2, 1, 9), (5, 1, 2, 6), (5, 1, 1, 6),
  ])
  func anInvertedBottleneckIsItsLayers(size: Int, stride: Int, dilation: Int, outputs: Int) {
    let (inputs, inner) = (6, 410)
    // Wide enough that a cache holds a few rows only.
    let (height, width) = (38, 44)
    let map = FeatureMap(
      height: height, width: width, values: Self.tensor([height * width, inputs], seed: 1))
    func pointwise(_ inputs: Int, _ outputs: Int, _ seed: UInt64) -> PackedLinear {
      PackedLinear(
        weight: Self.tensor([outputs, inputs], seed: seed), bias: Self.tensor([outputs], seed: seed + 1))
    }
    let block = InvertedBottleneck(
      expand: pointwise(inputs, inner, 2),
      depthwise: DepthwiseConvolution(
        weight: Self.tensor([inner, 1, size, size], seed: 4), bias: Self.tensor([inner], seed: 5),
        stride: stride, padding: stride == 2 ? (size - 2) / 2 : nil, dilation: dilation),
      project: pointwise(inner, outputs, 6))
    let convolved = block.depthwise(block.expand(map, activation: .relu), activation: .relu)
    let residual = stride == 1 && outputs == inputs
    let expected = block.project(convolved, adding: residual ? [map] : [])
    for threads in [1, 2, 4] {
      Parallel.$threads.withValue(threads) {
        let both = block.withInner(map)
        #expect(both.result.height == height / stride && both.result.width == width / stride)
        #expect(both.inner.values.values == convolved.values.values)
        #expect(both.result.values.values == block(map).values.values)
        #expect(Closeness(both.result.values.values, to: expected.values.values).relative < 1e-5)
      }
    }
  }

  @Test(arguments: [false, true])
  func groupNormTakesStatisticsOverPixelsAndNeighbouringChannels(relu: Bool) {
    let (height, width, channels, groups) = (31, 37, 20, 5)
    var map = FeatureMap(
      height: height, width: width, values: Self.tensor([height * width, channels], seed: 7))
    let norm = GroupNorm(
      groups: groups, scale: Self.tensor([channels], seed: 8), shift: Self.tensor([channels], seed: 9))
    let (xs, scale, shift) = (map.values.values, norm.scale.values, norm.shift.values)
    var expected = [Double](repeating: 0, count: xs.count)
    for group in 0..<groups {
      let members = xs.indices.filter { $0 % channels / (channels / groups) == group }
      let mean = members.map { Double(xs[$0]) }.reduce(0, +) / Double(members.count)
      let variance =
        members.map { pow(Double(xs[$0]) - mean, 2) }.reduce(0, +) / Double(members.count)
      for index in members {
        let value =
          (Double(xs[index]) - mean) / (variance + 1e-5).squareRoot()
          * Double(scale[index % channels]) + Double(shift[index % channels])
        expected[index] = relu ? max(0, value) : value
      }
    }
    norm.apply(to: &map, relu: relu)
    let closeness = Closeness(map.values.values, to: expected)
    #expect(closeness.relative < 1e-5, "\(closeness)")
  }

  @Test func attentionWeighsValuesByTheSoftmaxOfScaledProducts() {
    let (queries, keys, width, heads) = (5, 9, 12, 3)
    func layer(_ seed: UInt64) -> Linear {
      Linear(weight: Self.tensor([width, width], seed: seed), bias: Self.tensor([width], seed: seed + 50))
    }
    let attention = MultiHeadAttention(
      heads: heads, query: layer(10), key: layer(11), value: layer(12), output: layer(13))
    let (q, k, v) = (
      Self.tensor([queries, width], seed: 14), Self.tensor([keys, width], seed: 15),
      Self.tensor([keys, width], seed: 16)
    )
    var forbidden = [Float](repeating: 0, count: queries * keys)
    for index in [0, 4, 10, 11, 12, 44] { forbidden[index] = -.infinity }
    let residual = Self.tensor([queries, width], seed: 17)

    let (qs, ks, vs) = (
      attention.query(q).values, attention.key(k).values, attention.value(v).values
    )
    let headWidth = width / heads
    var attended = [Float](repeating: 0, count: queries * width)
    for head in 0..<heads {
      for query in 0..<queries {
        let logits = (0..<keys).map { key -> Double in
          let product = (0..<headWidth).reduce(0.0) {
            $0 + Double(qs[query * width + head * headWidth + $1])
              * Double(ks[key * width + head * headWidth + $1])
          }
          return product / Double(headWidth).squareRoot() + Double(forbidden[query * keys + key])
        }
        let powers = logits.map(exp)
        for d in 0..<headWidth {
          let sum = (0..<keys).reduce(0.0) {
            $0 + powers[$1] * Double(vs[$1 * width + head * headWidth + d])
          }
          attended[query * width + head * headWidth + d] = Float(sum / powers.reduce(0, +))
        }
      }
    }
    let expected = attention.output(Tensor(attended, shape: [queries, width]), residual: residual)
    let got = attention(
      queries: q, keys: k, values: v, mask: Tensor(forbidden, shape: [queries, keys]),
      residual: residual)
    let closeness = Closeness(got.values, to: expected.values)
    #expect(closeness.relative < 1e-5, "\(closeness)")
  }

  /// Both ways round against the usual way, with so few tokens that the short way is taken, and with more.
  @Test(arguments: [1, 3, 4, 7])
  func attentionBetweenFewTokensAndManyPositionsIsTheSame(tokens: Int) {
    let (positions, width, inner, heads) = (700, 24, 12, 3)
    func layer(_ inputs: Int, _ outputs: Int, _ seed: UInt64) -> Linear {
      Linear(weight: Self.tensor([outputs, inputs], seed: seed), bias: Self.tensor([outputs], seed: seed + 50))
    }
    let attention = MultiHeadAttention(
      heads: heads, query: layer(width, inner, 30), key: layer(width, inner, 31),
      value: layer(width, inner, 32), output: layer(inner, width, 33))
    let (few, told) = (Self.tensor([tokens, width], seed: 34), Self.tensor([tokens, width], seed: 35))
    let (many, seen) = (Self.tensor([positions, width], seed: 36), Self.tensor([positions, width], seed: 37))

    let asking = Closeness(
      attention.fewQueries(few, keys: many, values: seen, residual: told).values,
      to: attention(queries: few, keys: many, values: seen, residual: told).values)
    #expect(asking.relative < 1e-5, "\(asking)")
    let asked = Closeness(
      attention.fewKeys(many, keys: few, values: told, residual: seen).values,
      to: attention(queries: many, keys: few, values: told, residual: seen).values)
    #expect(asked.relative < 1e-5, "\(asked)")
  }

  /// Work is cut by its shape alone, so nothing may change in the last bit.
  @Test(arguments: [1, 2, 3])
  func resultsDoNotDependOnTheNumberOfThreads(threads: Int) {
    let layer = Linear(
      weight: Self.tensor([70, 50], seed: 20), bias: Self.tensor([70], seed: 21))
    let x = Self.tensor([2500, 50], seed: 22)
    let convolution = Convolution3x3(weight: Self.tensor([32, 32, 3, 3], seed: 23))
    let map = FeatureMap(height: 20, width: 30, values: Self.tensor([600, 32], seed: 24))
    func run() -> [Float] {
      var result = convolution(map)
      GroupNorm(groups: 8, scale: Self.tensor([32], seed: 25), shift: Self.tensor([32], seed: 26))
        .apply(to: &result)
      return layer(x, activation: .gelu).values + result.resized(height: 33, width: 41).values.values
    }
    let expected = Parallel.$threads.withValue(1) { run() }
    #expect(Parallel.$threads.withValue(threads) { run() } == expected)
  }
}
