import CrayonCore
import CrayonPrompting
import Fusion
import Layers
import Tensors
import Vision

/// What the language model is shown of single segments: the mean of a segment's vision tokens, and what its colours add
/// to that.
struct SegmentTokens: Sendable {
  let image: RGBImage
  let map: PanopticMap
  let crayon: CrayonPrompt
  /// [cells, width], wherever they stand; and where they stand.
  let placeless: Tensor
  let placed: Tensor
  /// Nil where the model has none.
  let palette: MLPConnector?

  /// The listing's objects, with what they look like and where they are; none where there is no listing. One for which
  /// the grid had no room stands in the cell that has most of its pixels.
  var listedObjects: [FusionInput.Object] {
    guard !crayon.listing.isEmpty, !crayon.objects.isEmpty else { return [] }
    let own = crayon.cells
    let ids = crayon.objects.map(\.id)
    let others = map.cells(of: Set(ids).subtracting(own.keys), crayon.grid).compactMapValues(\.first)
    let colours = colours(of: ids)
    return crayon.objects.enumerated().map { index, object in
      let token = placed.mean(ofRows: own[object.id] ?? [others[object.id] ?? 0])
      return FusionInput.Object(
        name: object.name, token: colours.map { token + $0.rows(index..<index + 1) } ?? token)
    }
  }

  /// What a question about regions is shown of the segments there, with what the crayon says of them; [1, width] each.
  /// A segment without a cell is left out.
  /// - Parameter crayonFeatures: [cells, width]
  func tokens(of segments: Set<Int32>, crayonFeatures: Tensor) -> [Int32: Tensor] {
    let shown = crayon.cells.filter { segments.contains($0.key) }.sorted { $0.key < $1.key }
    guard !shown.isEmpty else { return [:] }
    let colours = colours(of: shown.map(\.key))
    return Dictionary(
      uniqueKeysWithValues: shown.enumerated().map { index, shown in
        let token = placeless.mean(ofRows: shown.value) + crayonFeatures.mean(ofRows: shown.value)
        return (shown.key, colours.map { token + $0.rows(index..<index + 1) } ?? token)
      })
  }

  /// What they add, [segments, width].
  private func colours(of segments: [Int32]) -> Tensor? {
    palette?(SegmentColours.measure(segments, of: map, in: image))
  }
}

extension CrayonPrompt {
  /// The cells of each segment.
  fileprivate var cells: [Int32: [Int]] { Dictionary(grouping: ids.indices) { ids[$0] } }
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
