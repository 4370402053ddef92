import Tensors

/// The adapters that work in one pass over some rows of a sequence, resolved against a decoder's list.
struct ActiveAdapters {
  /// Position in the decoder's list, and gain; never 0.
  let gains: [(index: Int, gain: Float)]
  /// Those of the pass's rows that are the picture's.
  let imageRows: Range<Int>
  /// The crayon features of these rows. [imageRows.count, width]
  let crayon: Tensor?

  static let none = ActiveAdapters(gains: [], imageRows: 0..<0, crayon: nil)

  func apply(
    _ adapter: LowRankAdapter, gain: Float, x: UnsafePointer<Float>, inputs: Int, rows: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let affected = adapter.scope.tokens == .all ? 0..<rows : imageRows
    guard !affected.isEmpty else { return }
    let start = out + affected.lowerBound * stride
    switch adapter.scope.input {
    case .hidden:
      adapter.add(
        to: start, stride: stride, x: x + affected.lowerBound * inputs, rows: affected.count, gain: gain)
    case .crayon:
      crayon?.read { adapter.add(to: start, stride: stride, x: $0, rows: affected.count, gain: gain) }
    }
  }
}
