/// Where the windows of a feature map lie: the map is rolled by `shift`, then cut into squares from the
/// upper left; the last ones may reach over its edge.
struct WindowGrid {
  let height: Int
  let width: Int
  let window: Int
  let shift: Int

  var rows: Int { (height + window - 1) / window }
  var columns: Int { (width + window - 1) / window }
  var count: Int { rows * columns }
  /// Positions in a window.
  var positions: Int { window * window }

  /// Neighbouring tokens of a window that are neighbours in the map too.
  struct Run {
    /// The first token, counted within the window.
    var token: Int
    /// The first token's position in the map; meaningless where `inside` is 0.
    var position: Int
    var count: Int
    /// How many of them, from the first on, are within the map.
    var inside: Int
  }

  /// Every token of a window once, in at most two runs a row.
  func forEachRun(of index: Int, _ body: (Run) -> Void) {
    let (paddedHeight, paddedWidth) = (rows * window, columns * window)
    for row in 0..<window {
      let y = (index / columns * window + row + shift) % paddedHeight
      let x = (index % columns * window + shift) % paddedWidth
      let first = min(window, paddedWidth - x)
      body(run(token: row * window, x: x, y: y, count: first))
      if first < window {
        body(run(token: row * window + first, x: 0, y: y, count: window - first))
      }
    }
  }

  private func run(token: Int, x: Int, y: Int, count: Int) -> Run {
    let inside = y < height ? max(0, min(count, width - x)) : 0
    return Run(token: token, position: inside > 0 ? y * width + x : 0, count: count, inside: inside)
  }
}
