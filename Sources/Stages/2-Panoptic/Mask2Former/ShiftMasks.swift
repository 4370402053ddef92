import Tensors

/// Keeps tokens of a shifted window apart that come from opposite edges of the map.
///
/// Only windows in the last row or column hold such tokens, so there are three masks for any map.
struct ShiftMasks: Sendable {
  private let below: Tensor?
  private let beside: Tensor?
  private let corner: Tensor?

  init(window: Int, shift: Int) {
    guard shift > 0 else {
      (below, beside, corner) = (nil, nil, nil)
      return
    }
    func mask(rows: Bool, columns: Bool) -> Tensor {
      let tokens = window * window
      // Which side of the seam a token lies on, along each axis.
      let sides = (0..<tokens).map { token in
        (rows && token / window >= window - shift ? 2 : 0)
          + (columns && token % window >= window - shift ? 1 : 0)
      }
      // Not −∞: the reference adds −100, and a token's padding may be all that it sees.
      let values = sides.flatMap { query in sides.map { query == $0 ? Float(0) : -100 } }
      return Tensor(values, shape: [tokens, tokens])
    }
    below = mask(rows: true, columns: false)
    beside = mask(rows: false, columns: true)
    corner = mask(rows: true, columns: true)
  }

  /// [window², window²] to add to the logits of a window; nil where every token may see every other.
  func mask(lastRow: Bool, lastColumn: Bool) -> Tensor? {
    switch (lastRow, lastColumn) {
    case (true, true): corner
    case (true, false): below
    case (false, true): beside
    case (false, false): nil
    }
  }
}
