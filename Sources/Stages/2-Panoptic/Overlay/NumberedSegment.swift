import CrayonCore
import Drawing

/// A segment as it is shown: with its colour and its number among those of its class.
struct NumberedSegment {
  let segment: Segment
  /// From 1 on, in ascending order of id.
  let number: Int
  let colour: Colour

  /// "cup #2"; stuff has no number.
  var title: String {
    (segment.category.isThing ? "\(segment.category.name) #\(number)" : segment.category.name)
      + (segment.isCrowd ? " (crowd)" : "")
  }

  static func all(of map: PanopticMap, colours: [Int32: Colour]) -> [NumberedSegment] {
    var numbers: [Category: Int] = [:]
    return map.segments.map { segment in
      numbers[segment.category, default: 0] += 1
      return NumberedSegment(
        segment: segment, number: numbers[segment.category] ?? 1,
        colour: colours[segment.id] ?? .white)
    }
  }
}
