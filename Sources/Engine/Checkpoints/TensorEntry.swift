/// Where a checkpoint keeps one tensor. Whoever makes an entry has checked that all of it is in the file.
struct TensorEntry: Sendable {
  var shape: [Int]
  var type: ElementType
  var file: FileBytes
  /// Of the first element, in bytes from the start of the file.
  var offset: Int
  /// In elements, one for each axis; nil where elements lie row-major without gaps.
  var strides: [Int]?

  var count: Int { shape.reduce(1, *) }

  /// The number of elements of a shape, or nil where it is negative or too large to be true.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
      guard length >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }
}
