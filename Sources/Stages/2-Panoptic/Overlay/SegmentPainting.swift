import CrayonCore
import Drawing

/// Tints the segments of a picture and draws their outlines.
struct SegmentPainting {
  let picture: RGBImage
  let map: PanopticMap
  let segments: [NumberedSegment]
  let style: OverlayStyle

  /// Paints into the canvas's upper left corner.
  func paint(on canvas: inout Canvas) {
    let colours = Dictionary(
      segments.map { ($0.segment.id, $0.colour) }, uniquingKeysWith: { first, _ in first })
    let canvasWidth = canvas.width
    canvas.write { canvas in
      picture.pixels.withUnsafeBufferPointer { pixels in
        map.ids.withUnsafeBufferPointer { ids in
          var line = [UInt8](repeating: 0, count: map.width * 3)
          for y in 0..<map.height {
            tint(row: y, pixels: pixels, ids: ids, colours: colours, into: &line)
            outline(row: y, ids: ids, colours: colours, into: &line)
            copy(line, toRow: y, of: &canvas, width: canvasWidth)
          }
        }
      }
    }
  }

  /// Colours are looked up once for each run of equal ids.
  private func tint(
    row: Int, pixels: UnsafeBufferPointer<UInt8>, ids: UnsafeBufferPointer<Int32>,
    colours: [Int32: Colour], into line: inout [UInt8]
  ) {
    let start = row * map.width
    line.withUnsafeMutableBufferPointer { line in
      var x = 0
      while x < map.width {
        let id = ids[start + x]
        var end = x + 1
        while end < map.width && ids[start + end] == id { end += 1 }
        // An over-colour of black and a weaker rest dim what is void.
        let colour = colours[id] ?? .black
        let kept = colours[id] == nil ? OverlayStyle.voidBrightness : 256 - OverlayStyle.tint
        let added = colours[id] == nil ? 0 : OverlayStyle.tint
        let (red, green, blue) = (
          Int32(colour.red) * Int32(added), Int32(colour.green) * Int32(added),
          Int32(colour.blue) * Int32(added)
        )
        let keep = Int32(kept)
        for pixel in x..<end {
          let from = (start + pixel) * 3
          line[pixel * 3] = UInt8(truncatingIfNeeded: (Int32(pixels[from]) * keep + red) >> 8)
          line[pixel * 3 + 1] = UInt8(truncatingIfNeeded: (Int32(pixels[from + 1]) * keep + green) >> 8)
          line[pixel * 3 + 2] = UInt8(truncatingIfNeeded: (Int32(pixels[from + 2]) * keep + blue) >> 8)
        }
        x = end
      }
    }
  }

  /// A pixel belongs to an outline where another segment begins within the outline's width.
  private func outline(
    row: Int, ids: UnsafeBufferPointer<Int32>, colours: [Int32: Colour], into line: inout [UInt8]
  ) {
    let (width, reach) = (map.width, style.outline)
    let start = row * width
    let above = max(row - reach, 0) * width
    let below = min(row + reach, map.height - 1) * width
    var (lastID, lastColour) = (PanopticMap.void, Colour?.none)
    for x in 0..<width {
      let id = ids[start + x]
      if id == ids[above + x] && id == ids[below + x] && id == ids[start + max(x - reach, 0)]
        && id == ids[start + min(x + reach, width - 1)]
      {
        continue
      }
      if id != lastID { (lastID, lastColour) = (id, colours[id]) }
      guard let colour = lastColour else { continue }
      line[x * 3] = colour.red
      line[x * 3 + 1] = colour.green
      line[x * 3 + 2] = colour.blue
    }
  }

  private func copy(
    _ line: [UInt8], toRow row: Int, of canvas: inout UnsafeMutableBufferPointer<UInt8>, width: Int
  ) {
    let factor = style.magnification
    for copy in 0..<factor {
      let start = (row * factor + copy) * width * 3
      if factor == 1 {
        _ = UnsafeMutableBufferPointer(rebasing: canvas[start..<start + line.count]).update(from: line)
      } else {
        for index in 0..<map.width * factor {
          for channel in 0..<3 { canvas[start + index * 3 + channel] = line[index / factor * 3 + channel] }
        }
      }
    }
  }
}
