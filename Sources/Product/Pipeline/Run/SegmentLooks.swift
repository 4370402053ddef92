import CrayonCore
import Fusion
import Layers
import Tensors
import Vision

/// What the language model is shown of single segments: the mean of a segment's vision tokens, and what its colours add
/// to that.
struct SegmentLooks: Sendable {
  private let map: PanopticMap
  private let crayon: CrayonPrompt
  /// [cells, width], wherever they stand; and where they stand.
  private let placeless: Tensor
  private let placed: Tensor
  /// [segments, width], in the map's order; nil where the model has no palette.
  private let colours: Tensor?

  init(
    _ image: RGBImage, map: PanopticMap, crayon: CrayonPrompt, placeless: Tensor, placed: Tensor,
    palette: MLPConnector?
  ) {
    self.map = map
    self.crayon = crayon
    self.placeless = placeless
    self.placed = placed
    colours = map.segments.isEmpty ? nil : palette?(SegmentColours.measure(map, in: image))
  }

  /// The listing's objects, with what they look like and where they are; none where there is no listing. One without a
  /// cell of its own stands in that which has most of its pixels.
  var listedObjects: [FusionInput.Object] {
    guard !crayon.listing.isEmpty else { return [] }
    return crayon.objects.map { object in
      let won = crayon.cells(of: object.id)
      let cells = won.isEmpty ? [map.fullestCell(of: object.id, crayon.grid)] : won
      return FusionInput.Object(
        name: object.name, token: withColours(of: object.id, placed.mean(ofRows: cells)))
    }
  }

  /// What a question about a region is shown of the segment there, with what the crayon says of it; [1, width]. Nil for
  /// a segment that has no cell.
  /// - Parameter crayonFeatures: [cells, width]
  func token(of segment: Int32, crayonFeatures: Tensor) -> Tensor? {
    let cells = crayon.cells(of: segment)
    guard !cells.isEmpty else { return nil }
    return withColours(of: segment, placeless.mean(ofRows: cells)) + crayonFeatures.mean(ofRows: cells)
  }

  private func withColours(of segment: Int32, _ token: Tensor) -> Tensor {
    guard let colours, let index = map.segments.firstIndex(where: { $0.id == segment }) else { return token }
    return token + colours.rows(index..<index + 1)
  }
}

extension CrayonPrompt {
  /// The cells that a segment has won.
  fileprivate func cells(of segment: Int32) -> [Int] { ids.indices.filter { ids[$0] == segment } }
}

extension Tensor {
  /// The mean of some rows of a matrix, [1, width].
  fileprivate func mean(ofRows rows: [Int]) -> Tensor {
    let width = shape[1]
    return Tensor(shape: [1, width]) { out in
      out.update(repeating: 0, count: width)
      read { values in
        for row in rows {
          for column in 0..<width { out[column] += values[row * width + column] }
        }
      }
      for column in 0..<width { out[column] /= Float(rows.count) }
    }
  }
}

extension PanopticMap {
  /// The cell of a grid in which a segment has most pixels' centres; of equals the first.
  fileprivate func fullestCell(of segment: Int32, _ grid: GridSize) -> Int {
    var pixels = [Int](repeating: 0, count: grid.count)
    for index in ids.indices where ids[index] == segment {
      let (x, y) = (index % width, index / width)
      let (column, row) = ((2 * x + 1) * grid.columns / (2 * width), (2 * y + 1) * grid.rows / (2 * height))
      pixels[row * grid.columns + column] += 1
    }
    return pixels.indices.max { (pixels[$0], $1) < (pixels[$1], $0) } ?? 0
  }

  /// The segment whose box fits best to `box`; of equal ones the first; nil where none overlaps it.
  func segment(at box: PictureBox) -> Int32? {
    var (best, found) = (0.0, Int32?.none)
    for segment in segments {
      let overlap = PictureBox(segment.box).intersectionOverUnion(box)
      if overlap > best { (best, found) = (overlap, segment.id) }
    }
    return found
  }
}
