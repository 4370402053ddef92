import CrayonCore

/// Finds places for labels beside boxes: none lies over another as long as there is room, and none beyond the picture.
struct LabelLayout {
  /// Of the picture, in pixels.
  let width: Int
  let height: Int
  private var taken: [PixelBox] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Above the box where that is free, else within it, below it, or as near below its upper edge as there is room.
  mutating func place(width labelWidth: Int, height labelHeight: Int, beside box: PictureBox) -> PixelBox {
    let (left, right) = (Int(box.x0), Int(box.x1) - labelWidth)
    let (top, bottom) = (Int(box.y0), Int(box.y1))
    var candidates = [left, right].flatMap { x in
      [top - labelHeight, top, bottom, bottom - labelHeight].map { label(x, $0, labelWidth, labelHeight) }
    }
    candidates += stride(from: top, to: height, by: max(labelHeight, 1)).map {
      label(left, $0, labelWidth, labelHeight)
    }
    // What does not fit above the picture's edge goes within the box instead of over its upper edge.
    if top < labelHeight { candidates.removeFirst() }
    let place = candidates.first { candidate in !taken.contains { $0.overlaps(candidate) } } ?? candidates[0]
    taken.append(place)
    return place
  }

  private func label(_ x: Int, _ y: Int, _ labelWidth: Int, _ labelHeight: Int) -> PixelBox {
    let x0 = min(max(x, 0), max(0, width - labelWidth))
    let y0 = min(max(y, 0), max(0, height - labelHeight))
    return PixelBox(x0: x0, y0: y0, x1: x0 + labelWidth, y1: y0 + labelHeight)
  }
}

extension PixelBox {
  fileprivate func overlaps(_ other: PixelBox) -> Bool {
    x0 < other.x1 && other.x0 < x1 && y0 < other.y1 && other.y0 < y1
  }
}
