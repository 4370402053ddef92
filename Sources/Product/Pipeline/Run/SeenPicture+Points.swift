public import CrayonCore

extension SeenPicture {
  /// The box of the segment at a pixel.
  /// - Throws: ``PictureError/noSegmentAt(x:y:)``
  public func segmentBox(x: Int, y: Int) throws -> PictureBox {
    guard (0..<map.width).contains(x), (0..<map.height).contains(y),
      let segment = map.segments.first(where: { $0.id == map.ids[y * map.width + x] })
    else { throw PictureError.noSegmentAt(x: x, y: y) }
    let box = segment.box
    return PictureBox(x0: Double(box.x0), y0: Double(box.y0), x1: Double(box.x1), y1: Double(box.y1))
  }
}
