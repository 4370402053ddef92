import CrayonCore
public import Questions

/// Holds a truth against the picture that it should be of.
struct TruthFit {
  let width: Int
  let height: Int

  /// How far a box may reach beyond the picture: datasets round their edges.
  private static let tolerance = 1.0

  /// - Parameters:
  ///   - size: width and height as the truth lists the picture
  ///   - mask: its width and height
  func fault(size: [Int]?, boxes: [PictureBox], mask: [Int]? = nil) -> String? {
    let own = [width, height]
    func text(_ size: [Int]) -> String { size.map(String.init).joined(separator: "×") }
    if let size, size != own { return "it is listed with \(text(size)) pixels, and has \(text(own))" }
    if let mask, mask != own { return "the mask has \(text(mask)) pixels, and the picture \(text(own))" }
    let outside = boxes.first { box in
      box.x0 < -Self.tolerance || box.y0 < -Self.tolerance || box.x1 > Double(width) + Self.tolerance
        || box.y1 > Double(height) + Self.tolerance
    }
    guard let outside else { return nil }
    let edges = outside.edges.map { String(Int($0.rounded())) }.joined(separator: ",")
    return "the box \(edges) reaches beyond the picture's \(text(own)) pixels"
  }
}

extension QuestionRecord {
  /// Why the record cannot be of a picture of this size; nil where it can.
  public func fault(width: Int, height: Int) -> String? {
    TruthFit(width: width, height: height).fault(size: [self.width, self.height], boxes: [])
  }
}
