import CrayonCore

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

/// For each segment the pixel that is farthest from any other segment: the middle of its thickest part, which
/// unlike the centre of its box is always inside.
struct InnermostPoints {
  struct Point {
    var x: Int
    var y: Int
    /// To the nearest pixel of another segment or beyond the edge, in pixels, along rows and columns.
    var distance: Int
  }

  private(set) var points: [Int32: Point] = [:]

  /// Two sweeps over the map, which is thinned out where it is large: a tag's place needs no more.
  init(_ map: PanopticMap) {
    let step = max(1, max(map.width, map.height) / 1024)
    let (width, height) = ((map.width + step - 1) / step, (map.height + step - 1) / step)
    var ids = [Int32](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width { ids[y * width + x] = map.ids[y * step * map.width + x * step] }
    }
    let distances = Self.distances(ids, width: width, height: height)
    var best: [Int32: (index: Int, distance: Int32)] = [:]
    var (lastID, lastDistance) = (PanopticMap.void, Int32.max)
    for index in ids.indices {
      let id = ids[index]
      if id != lastID { (lastID, lastDistance) = (id, id == PanopticMap.void ? .max : best[id]?.distance ?? 0) }
      guard distances[index] > lastDistance else { continue }
      best[id] = (index, distances[index])
      lastDistance = distances[index]
    }
    points = best.mapValues { best in
      Point(
        x: min(best.index % width * step, map.width - 1),
        y: min(best.index / width * step, map.height - 1), distance: Int(best.distance) * step)
    }
  }

  private static func distances(_ ids: [Int32], width: Int, height: Int) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: ids.count) { distances, count in
      ids.withUnsafeBufferPointer { ids in
        func reach(_ index: Int, _ neighbour: Int, _ exists: Bool) -> Int32 {
          exists && ids[neighbour] == ids[index] ? distances[neighbour] + 1 : 1
        }
        for y in 0..<height {
          for x in 0..<width {
            let index = y * width + x
            distances[index] = min(reach(index, index - 1, x > 0), reach(index, index - width, y > 0))
          }
        }
        for y in (0..<height).reversed() {
          for x in (0..<width).reversed() {
            let index = y * width + x
            distances[index] = min(
              distances[index], reach(index, index + 1, x + 1 < width),
              reach(index, index + width, y + 1 < height))
          }
        }
      }
      count = ids.count
    }
  }
}
