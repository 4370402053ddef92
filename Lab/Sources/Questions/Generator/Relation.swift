import CrayonCore

/// How one thing stands to another.
enum Relation: CaseIterable {
  case left, right, above, below, inFront, behind

  var words: [String] {
    switch self {
    case .left: ["to the left of", "left of"]
    case .right: ["to the right of", "right of"]
    case .above: ["above", "higher up than"]
    case .below: ["below", "lower down than"]
    case .inFront: ["in front of", "closer than"]
    case .behind: ["behind", "farther away than"]
    }
  }

  /// What holds where this does not.
  var opposite: Relation {
    switch self {
    case .left: .right
    case .right: .left
    case .above: .below
    case .below: .above
    case .inFront: .behind
    case .behind: .inFront
    }
  }

  /// Behind a thing that stands so to what was named before: "to its left", "behind it".
  /// - Parameter many: whether that is spoken of as several
  func place(besideMany many: Bool) -> String {
    let (it, its) = many ? ("them", "their") : ("it", "its")
    return switch self {
    case .left: "to \(its) left"
    case .right: "to \(its) right"
    case .above: "above \(it)"
    case .below: "below \(it)"
    case .inFront: "in front of \(it)"
    case .behind: "behind \(it)"
    }
  }

  /// Whether the first stands so to the second; nil where people might differ, or nothing says. Stuff lies around things,
  /// and a centre of it says little: what stands to it so, or not, is wholly on one side of it.
  func holds(
    _ first: PictureFacts.Member, _ second: PictureFacts.Member, width: Int, height: Int
  ) -> Bool? {
    if !first.segment.category.isThing || !second.segment.category.isThing {
      guard isApart(first.segment.box, second.segment.box) else { return nil }
    }
    let right = (second.centre.x - first.centre.x) / Double(width)
    let down = (second.centre.y - first.centre.y) / Double(height)
    switch self {
    case .left: return Self.isClear(right, 0.1)
    case .right: return Self.isClear(-right, 0.1)
    case .above: return Self.isClear(down, 0.12)
    case .below: return Self.isClear(-down, 0.12)
    case .inFront, .behind:
      guard let near = first.attributes?.distance, let far = second.attributes?.distance,
        near > 0, far > 0
      else { return nil }
      let farther = (far - near) / min(near, far)
      return Self.isClear(self == .inFront ? farther : -farther, 0.12)
    }
  }

  /// Whether two boxes share nothing on the axis that this is about; never on that of depth.
  private func isApart(_ a: PixelBox, _ b: PixelBox) -> Bool {
    switch self {
    case .left, .right: a.x1 <= b.x0 || b.x1 <= a.x0
    case .above, .below: a.y1 <= b.y0 || b.y1 <= a.y0
    case .inFront, .behind: false
    }
  }

  private static func isClear(_ value: Double, _ margin: Double) -> Bool? {
    abs(value) >= margin ? value > 0 : nil
  }
}
