public import CrayonCore
import Tensors

/// Vision tokens as a picture: the first three principal components of the features are red, green and blue, each
/// spread over its range, so that cells of one colour are alike to the model. Cells are squares of at least
/// 16 pixels with a thin line between them.
public struct VisionTokensPicture: Sendable {
  /// In a folder of artifacts.
  public static let fileName = "4-vision.png"

  /// A square for each token.
  public let image: RGBImage

  /// Draws, which takes longer than a small model needs for its answer.
  public init(_ tokens: VisionTokens) {
    let (rows, columns) = (tokens.rows, tokens.columns)
    let colours = PrincipalComponents.colours(of: tokens.features)
    let cell = max(16, 512 / max(rows, columns))
    let (width, height) = (columns * cell, rows * cell)
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
      for y in 0..<height {
        for x in 0..<width {
          let isLine = x % cell == cell - 1 || y % cell == cell - 1
          let colour = colours[y / cell * columns + x / cell]
          for channel in 0..<3 {
            // A line is its cell, darker.
            let value = colour[channel]
            out[(y * width + x) * 3 + channel] = isLine ? value / 4 * 3 : value
          }
        }
      }
      count = width * height * 3
    }
    image = RGBImage(width: width, height: height, pixels: pixels)
  }
}

/// The directions along which feature vectors differ most, as colours.
enum PrincipalComponents {
  /// One colour for every row of `features` [rows, width]: its first three principal components, each stretched
  /// so that from the 2nd to the 98th of a hundred rows it fills the range. A component along which nothing
  /// differs is grey. Values that are not finite count as zero.
  static func colours(of features: Tensor) -> [SIMD3<UInt8>] {
    let (rows, width) = (features.shape[0], features.shape[1])
    let centred = centred(features)
    let directions = directions(of: centred, rows: rows, width: width)
    let scores = product(centred, directions, rows: rows, width: width)
    var colours = [SIMD3<UInt8>](repeating: SIMD3(repeating: 128), count: rows)
    for component in 0..<3 {
      let values = (0..<rows).map { scores[$0 * Self.count + component] }
      let sorted = values.sorted()
      let (low, high) = (sorted[rows * 2 / 100], sorted[rows - 1 - rows * 2 / 100])
      guard high > low else { continue }
      for (row, value) in values.enumerated() {
        colours[row][component] = UInt8((min(max((value - low) / (high - low), 0), 1) * 255).rounded())
      }
    }
    return colours
  }

  /// Directions that are followed at a time; more than are drawn, so that the third settles quickly.
  private static let count = 6

  private static func centred(_ features: Tensor) -> [Float] {
    let (rows, width) = (features.shape[0], features.shape[1])
    var values = features.values.map { $0.isFinite ? $0 : 0 }
    for column in 0..<width {
      var sum = 0.0
      for row in 0..<rows { sum += Double(values[row * width + column]) }
      let mean = Float(sum / Double(rows))
      for row in 0..<rows { values[row * width + column] -= mean }
    }
    // Kept near 1, so that squares of squares are in range.
    let largest = values.reduce(0) { max($0, abs($1)) }
    return largest > 0 ? values.map { $0 / largest } : values
  }

  /// Subspace iteration: [width, count], orthonormal columns, the most telling first.
  private static func directions(of x: [Float], rows: Int, width: Int) -> [Float] {
    // Some fixed start without a pattern; the result does not depend on it.
    var directions = (0..<width * count).map { Float(($0 * 7919 + 104_729) % 2003) / 1001.5 - 1 }
    orthonormalize(&directions, width: width)
    for _ in 0..<40 {
      let scores = product(x, directions, rows: rows, width: width)
      for index in directions.indices { directions[index] = 0 }
      for row in 0..<rows {
        for column in 0..<width {
          let value = x[row * width + column]
          for k in 0..<count { directions[column * count + k] += value * scores[row * count + k] }
        }
      }
      orthonormalize(&directions, width: width)
    }
    return directions
  }

  /// x [rows, width] · directions [width, count]
  private static func product(_ x: [Float], _ directions: [Float], rows: Int, width: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows * count) { out, initialized in
      x.withUnsafeBufferPointer { x in
        directions.withUnsafeBufferPointer { directions in
          guard let x = x.baseAddress, let directions = directions.baseAddress, let out = out.baseAddress
          else { return }
          matrixProduct(
            MatrixView(x, stride: width), MatrixView(directions, stride: count), transposed: false,
            rows: rows, columns: count, inner: width, into: out, stride: count)
        }
      }
      initialized = rows * count
    }
  }

  /// Gram and Schmidt's way; a direction of nothing becomes zero. The largest part of each is positive, so
  /// that the same features always have the same colours.
  private static func orthonormalize(_ directions: inout [Float], width: Int) {
    for k in 0..<count {
      for earlier in 0..<k {
        var product = 0.0
        for row in 0..<width {
          product += Double(directions[row * count + k]) * Double(directions[row * count + earlier])
        }
        for row in 0..<width {
          directions[row * count + k] -= Float(product) * directions[row * count + earlier]
        }
      }
      var square = 0.0
      var largest: Float = 0
      for row in 0..<width {
        let value = directions[row * count + k]
        square += Double(value) * Double(value)
        if abs(value) > abs(largest) { largest = value }
      }
      let factor = square > 1e-20 ? Float((largest < 0 ? -1 : 1) / square.squareRoot()) : 0
      for row in 0..<width { directions[row * count + k] *= factor }
    }
  }
}
