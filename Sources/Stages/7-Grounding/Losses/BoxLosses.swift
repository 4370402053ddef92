public import CrayonCore
import Foundation

/// What training asks of boxes, as functions of numbers (NExT-Chat, arXiv 2311.04498, section 3.3): references that
/// training code is held against.
public enum BoxLosses {
  /// The mean distance of the edges.
  /// - Precondition: as many boxes as targets, and at least one.
  public static func l1(_ boxes: [FrameBox], _ targets: [FrameBox]) -> Double {
    precondition(boxes.count == targets.count && !boxes.isEmpty)
    let sum = zip(boxes, targets).reduce(0.0) { sum, pair in
      sum + abs(pair.0.x0 - pair.1.x0) + abs(pair.0.y0 - pair.1.y0) + abs(pair.0.x1 - pair.1.x1)
        + abs(pair.0.y1 - pair.1.y1)
    }
    return sum / Double(4 * boxes.count)
  }

  /// Intersection over union of two boxes; 0 where both have no area.
  public static func intersectionOverUnion(_ a: FrameBox, _ b: FrameBox) -> Double {
    let (shared, union, _) = areas(a, b)
    return union > 0 ? shared / union : 0
  }

  /// Generalised intersection over union, from −1 to 1 (arXiv 1902.09630): less by what the smallest box around both
  /// holds besides them.
  /// - Precondition: no right edge is left of its left one, nor a lower one above.
  public static func generalisedIntersectionOverUnion(_ a: FrameBox, _ b: FrameBox) -> Double {
    precondition(a.x1 >= a.x0 && a.y1 >= a.y0 && b.x1 >= b.x0 && b.y1 >= b.y0)
    let (shared, union, around) = areas(a, b)
    let overlap = union > 0 ? shared / union : 0
    return around > 0 ? overlap - (around - union) / around : overlap
  }

  /// 2 · L1 + `weight` · (1 − GIoU): the paper's weight is 0.8, the released code's 0.2. Boxes that are no boxes have
  /// no part in the second term.
  /// - Precondition: as many boxes as targets, and at least one.
  public static func detection(
    _ boxes: [FrameBox], _ targets: [FrameBox], weight: Double = 0.8
  ) -> Double {
    let pairs = zip(boxes, targets).filter { $0.0.x1 >= $0.0.x0 && $0.0.y1 >= $0.0.y0 }
    let generalised = pairs.map { 1 - generalisedIntersectionOverUnion($0.0, $0.1) }
    let mean = generalised.isEmpty ? 0 : generalised.reduce(0, +) / Double(generalised.count)
    return 2 * l1(boxes, targets) + weight * mean
  }

  private static func areas(
    _ a: FrameBox, _ b: FrameBox
  ) -> (shared: Double, union: Double, around: Double) {
    func area(_ box: FrameBox) -> Double { max(0, box.x1 - box.x0) * max(0, box.y1 - box.y0) }
    let shared = area(
      FrameBox(x0: max(a.x0, b.x0), y0: max(a.y0, b.y0), x1: min(a.x1, b.x1), y1: min(a.y1, b.y1)))
    let around = area(
      FrameBox(x0: min(a.x0, b.x0), y0: min(a.y0, b.y0), x1: max(a.x1, b.x1), y1: max(a.y1, b.y1)))
    return (shared, area(a) + area(b) - shared, around)
  }
}
