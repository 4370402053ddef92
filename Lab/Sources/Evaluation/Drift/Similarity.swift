import CrayonCore
import Foundation
import Tensors

/// Measures of how alike two results of a stage are, a number for each row.
enum Similarity {
  /// The cosines of the angles between rows: 1 between two of zeros, 0 where only one is.
  /// - Parameters:
  ///   - a: [rows, columns]
  ///   - b: the same
  static func cosines(_ a: Tensor, _ b: Tensor) -> [Double] {
    perRow(a, b) { a, b in
      var (product, first, second) = (0.0, 0.0, 0.0)
      for (x, y) in zip(a, b) {
        product += Double(x) * Double(y)
        first += Double(x) * Double(x)
        second += Double(y) * Double(y)
      }
      if first == 0 && second == 0 { return 1 }
      return first == 0 || second == 0 ? 0 : product / (first * second).squareRoot()
    }
  }

  /// The Kullback-Leibler divergences of the second's distributions from the first's, in nats.
  /// - Parameters:
  ///   - a: logits [rows, vocabulary]
  ///   - b: the same
  static func divergences(_ a: Tensor, from b: Tensor) -> [Double] {
    perRow(a, b) { a, b in
      let (first, second) = (logNormaliser(a), logNormaliser(b))
      return zip(a, b).reduce(0) { sum, pair in
        let (p, q) = (Double(pair.0) - first, Double(pair.1) - second)
        return sum + exp(p) * (p - q)
      }
    }
  }

  /// 1 where both rows are largest in the same place, else 0.
  static func agreements(_ a: Tensor, _ b: Tensor) -> [Double] {
    perRow(a, b) { a, b in
      func largest(_ row: UnsafeBufferPointer<Float>) -> Int? { row.indices.max { row[$0] < row[$1] } }
      return largest(a) == largest(b) ? 1 : 0
    }
  }

  private static func logNormaliser(_ row: UnsafeBufferPointer<Float>) -> Double {
    let largest = Double(row.max() ?? 0)
    return largest + log(row.reduce(0) { $0 + exp(Double($1) - largest) })
  }

  private static func perRow(
    _ a: Tensor, _ b: Tensor,
    _ measure: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>) -> Double
  ) -> [Double] {
    guard a.shape == b.shape, a.shape.count == 2 else { return [] }
    let columns = a.shape[1]
    return withValues(of: a, b) { first, second in
      (0..<a.shape[0]).map { row in
        measure(
          UnsafeBufferPointer(start: first + row * columns, count: columns),
          UnsafeBufferPointer(start: second + row * columns, count: columns))
      }
    }
  }
}

extension PictureBox {
  /// The area that two boxes share, as a part of what they cover together.
  func intersectionOverUnion(_ other: PictureBox) -> Double {
    guard let shared = intersection(other) else { return 0 }
    let overlap = shared.width * shared.height
    return overlap / (width * height + other.width * other.height - overlap)
  }
}

extension PanopticMap {
  /// The part of the pixels to which two maps of one size give the same category.
  func categoryAgreement(with other: PanopticMap) -> Double {
    guard width == other.width, height == other.height, !ids.isEmpty else { return 0 }
    func names(_ map: PanopticMap) -> [Int32: String] {
      Dictionary(map.segments.map { ($0.id, $0.category.name) }, uniquingKeysWith: { first, _ in first })
    }
    let (mine, theirs) = (names(self), names(other))
    let same = zip(ids, other.ids).reduce(0) { $0 + (mine[$1.0] == theirs[$1.1] ? 1 : 0) }
    return Double(same) / Double(ids.count)
  }
}
