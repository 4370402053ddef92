import CrayonCore
import Foundation

/// Something in a record that no reader could make sense of.
struct RecordFault: Equatable {
  var key: String
  var reason: String
}

extension QuestionRecord {
  /// The largest side of a picture.
  private static let largestSide = 1 << 20

  /// The first fault of a record; nil where there is none.
  var fault: RecordFault? {
    guard (1...Self.largestSide).contains(width) else {
      return RecordFault(key: "width", reason: "is no width")
    }
    guard (1...Self.largestSide).contains(height) else {
      return RecordFault(key: "height", reason: "is no height")
    }
    for (key, path) in [("map", map), ("image", image ?? ".")] {
      guard !path.isEmpty else { return RecordFault(key: key, reason: "is empty") }
    }
    var ids: Set<Int32> = []
    for (index, segment) in segments.enumerated() {
      let key = "segments[\(index)]"
      guard segment.id > 0, ids.insert(segment.id).inserted else {
        return RecordFault(key: key + ".id", reason: "is not positive or stands twice")
      }
      guard segment.number > 0 else { return RecordFault(key: key + ".number", reason: "is not positive") }
      guard holds(segment.box) else { return Self.badBox(key + ".box") }
    }
    for (index, question) in questions.enumerated() {
      if let fault = fault(of: question, ids: ids, key: "questions[\(index)]") { return fault }
    }
    return nil
  }

  private func fault(of question: Question, ids: Set<Int32>, key: String) -> RecordFault? {
    guard !question.question.isEmpty else { return RecordFault(key: key + ".question", reason: "is empty") }
    guard question.wording > 0 else { return RecordFault(key: key + ".wording", reason: "is not positive") }
    if let value = question.value, let reason = Self.badValue(value, of: question.family) {
      return RecordFault(key: key + ".value", reason: reason)
    }
    for (index, region) in question.regions.enumerated() {
      let key = key + ".regions[\(index)]"
      guard ids.contains(region.id) else {
        return RecordFault(key: key + ".id", reason: "is not the id of a segment")
      }
      guard holds(region.box) else { return Self.badBox(key + ".box") }
    }
    let marks = question.answer.components(separatedBy: Question.regionMark).count - 1
    guard marks == question.regions.count else {
      return RecordFault(
        key: key + ".answer", reason: "has \(marks) places for \(question.regions.count) regions")
    }
    for (index, box) in question.inputRegions.enumerated() {
      guard holds(box) else { return Self.badBox(key + ".input_regions[\(index)]") }
      guard question.question.contains("[\(index + 1)]") else {
        return RecordFault(key: key + ".question", reason: "does not mention [\(index + 1)]")
      }
    }
    return nil
  }

  /// What is wrong with an answer's gist; nil where nothing is.
  private static func badValue(_ value: String, of family: QuestionFamily) -> String? {
    switch family {
    case .count, .colouredCount, .groupCount, .onTopCount, .who:
      Int(value).map { (0...1_000_000).contains($0) } == true ? nil : "is not a number of things"
    case .existence, .relation, .isColour, .colouredExistence, .groupExistence, .anybody:
      ["yes", "no"].contains(value) ? nil : "is neither \"yes\" nor \"no\""
    case .compare:
      ["more", "fewer", "equal"].contains(value) ? nil : "is none of \"more\", \"fewer\" and \"equal\""
    case .stuffCount, .narrower: value == "0" ? nil : "is no number of what is not there"
    case .colour, .colours, .whereIs, .colouredWhere, .whichOne, .group, .part, .onTop, .beside, .doing,
      .region, .list, .describe, .unknownCategory, .nothingKnown, .unrelated, .unknowable, .otherLanguage:
      nil
    }
  }

  private static func badBox(_ key: String) -> RecordFault {
    RecordFault(key: key, reason: "is not a box within the picture")
  }

  private func holds(_ box: PixelBox) -> Bool {
    box.x0 >= 0 && box.y0 >= 0 && box.x0 < box.x1 && box.y0 < box.y1 && box.x1 <= width && box.y1 <= height
  }
}
