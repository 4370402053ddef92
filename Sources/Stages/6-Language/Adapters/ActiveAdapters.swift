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

  /// Adds what pairs of one scope do, to those of some rows that they are meant for.
  /// - Parameters:
  ///   - pairs: one at least
  ///   - x: the layers' input, [rows, inputs]
  ///   - outs: where the layers' results begin, their rows `stride` apart
  func add(
    _ pairs: [AdapterPair], x: UnsafePointer<Float>, rows: Int, into outs: [UnsafeMutablePointer<Float>],
    stride: Int
  ) {
    let (scope, inputs) = (pairs[0].adapter.scope, pairs[0].adapter.inputs)
    let affected = scope.tokens == .all ? 0..<rows : imageRows
    guard !affected.isEmpty else { return }
    let starts = outs.map { $0 + affected.lowerBound * stride }
    switch scope.input {
    case .hidden:
      AdapterPair.add(
        pairs, x: x + affected.lowerBound * inputs, rows: affected.count, into: starts, stride: stride)
    case .crayon:
      crayon?.read { AdapterPair.add(pairs, x: $0, rows: affected.count, into: starts, stride: stride) }
    }
  }
}
