import CrayonCore
import Fusion
import Tensors

extension CrayonPrompt {
  /// The listing's objects, with what they look like and where they are; none where there is no listing.
  /// - Parameter imageTokens: [cells, width]
  func listedObjects(_ imageTokens: Tensor) -> [FusionInput.Object] {
    listing.isEmpty
      ? [] : objects.map { FusionInput.Object(name: $0.name, token: meanToken(of: $0.id, imageTokens)) }
  }

  /// The mean of the rows of a segment's cells, [1, width]; nil for a segment that has no cell.
  /// - Parameter rows: [cells, width]
  func meanToken(of segment: Int32, _ rows: Tensor) -> Tensor? {
    let cells = ids.indices.filter { ids[$0] == segment && $0 < rows.shape[0] }
    guard !cells.isEmpty else { return nil }
    let width = rows.shape[1]
    return Tensor(shape: [1, width]) { out in
      out.update(repeating: 0, count: width)
      rows.read { rows in
        for cell in cells {
          for column in 0..<width { out[column] += rows[cell * width + column] }
        }
      }
      for column in 0..<width { out[column] /= Float(cells.count) }
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
