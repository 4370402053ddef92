public import CrayonCore
import Foundation
public import Scenes

/// A picture's line in a file of questions.
public struct QuestionRecord: Sendable, Equatable {
  /// A segment of the picture's map, as far as questions need it.
  public struct Entry: Sendable, Equatable {
    /// The segment's in the map.
    public var id: Int32
    /// By its full name.
    public var category: String
    /// Its number among those of its category in increasing order of ids, from 1.
    public var number: Int
    /// In pixels.
    public var box: PixelBox
    /// nil where it is not known.
    public var colour: String?

    /// Memberwise.
    public init(id: Int32, category: String, number: Int, box: PixelBox, colour: String? = nil) {
      self.id = id
      self.category = category
      self.number = number
      self.box = box
      self.colour = colour
    }
  }

  /// The picture's.
  public var id: Int
  /// The picture's file, relative to the file of questions; nil where there is only a map.
  public var image: String?
  /// The map's file, likewise.
  public var map: String
  /// In pixels.
  public var width: Int
  /// In pixels.
  public var height: Int
  /// In increasing order of ids.
  public var segments: [Entry]
  /// In the order in which they were drawn.
  public var questions: [Question]

  /// Memberwise.
  public init(
    id: Int, image: String?, map: String, width: Int, height: Int, segments: [Entry],
    questions: [Question]
  ) {
    self.id = id
    self.image = image
    self.map = map
    self.width = width
    self.height = height
    self.segments = segments
    self.questions = questions
  }

  /// A record of a map.
  public init(
    id: Int, image: String?, map: String, of panopticMap: PanopticMap,
    attributes: [Int32: SegmentAttributes] = [:], questions: [Question]
  ) {
    var numbers: [Int: Int] = [:]
    self.init(
      id: id, image: image, map: map, width: panopticMap.width, height: panopticMap.height,
      segments: panopticMap.segments.map { segment in
        numbers[segment.category.id, default: 0] += 1
        return Entry(
          id: segment.id, category: segment.category.name, number: numbers[segment.category.id] ?? 1,
          box: segment.box, colour: attributes[segment.id]?.colour)
      },
      questions: questions)
  }
}

// The form of a line of a file of questions.

extension QuestionRecord: Codable {
  enum CodingKeys: CodingKey {
    case id, image, map, width, height, segments, questions
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int.self, forKey: .id)
    image = try container.decodeIfPresent(String.self, forKey: .image)
    map = try container.decode(String.self, forKey: .map)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    segments = try container.decode([Entry].self, forKey: .segments)
    questions = try container.decode([Question].self, forKey: .questions)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    // Written out where there is none, so that a reader need not guess.
    try container.encode(image, forKey: .image)
    try container.encode(map, forKey: .map)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(segments, forKey: .segments)
    try container.encode(questions, forKey: .questions)
  }
}

extension QuestionRecord.Entry: Codable {
  enum CodingKeys: CodingKey {
    case id, category, number, box, colour
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int32.self, forKey: .id)
    category = try container.decode(String.self, forKey: .category)
    number = try container.decode(Int.self, forKey: .number)
    box = try container.decode(BoxCorners.self, forKey: .box).box
    colour = try container.decodeIfPresent(String.self, forKey: .colour)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(category, forKey: .category)
    try container.encode(number, forKey: .number)
    try container.encode(BoxCorners(box), forKey: .box)
    try container.encodeIfPresent(colour, forKey: .colour)
  }
}

extension Question: Codable {
  enum CodingKeys: String, CodingKey {
    case family, wording, question, answer, value, category, polling, regions
    case isHeldOut = "held_out"
    case inputRegions = "input_regions"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    family = try container.decode(QuestionFamily.self, forKey: .family)
    wording = try container.decode(Int.self, forKey: .wording)
    isHeldOut = try container.decode(Bool.self, forKey: .isHeldOut)
    question = try container.decode(String.self, forKey: .question)
    answer = try container.decode(String.self, forKey: .answer)
    value = try container.decodeIfPresent(String.self, forKey: .value)
    category = try container.decodeIfPresent(String.self, forKey: .category)
    polling = try container.decodeIfPresent(Polling.self, forKey: .polling)
    regions = try container.decodeIfPresent([Region].self, forKey: .regions) ?? []
    inputRegions = try container.decodeIfPresent([BoxCorners].self, forKey: .inputRegions)?.map(\.box) ?? []
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(family, forKey: .family)
    try container.encode(wording, forKey: .wording)
    try container.encode(isHeldOut, forKey: .isHeldOut)
    try container.encode(question, forKey: .question)
    try container.encode(answer, forKey: .answer)
    try container.encodeIfPresent(value, forKey: .value)
    try container.encodeIfPresent(category, forKey: .category)
    try container.encodeIfPresent(polling, forKey: .polling)
    try container.encode(regions, forKey: .regions)
    try container.encode(inputRegions.map(BoxCorners.init), forKey: .inputRegions)
  }
}

extension Question.Region: Codable {
  enum CodingKeys: CodingKey {
    case id, box
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int32.self, forKey: .id)
    box = try container.decode(BoxCorners.self, forKey: .box).box
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(BoxCorners(box), forKey: .box)
  }
}

/// A box as `[x0, y0, x1, y1]`.
private struct BoxCorners: Codable {
  var box: PixelBox

  init(_ box: PixelBox) { self.box = box }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let corners = try container.decode([Int].self)
    guard corners.count == 4 else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a box has four numbers")
    }
    box = PixelBox(x0: corners[0], y0: corners[1], x1: corners[2], y1: corners[3])
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(box.edges)
  }
}

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
    case .count, .colouredCount, .groupCount, .partCount, .onTopCount, .who:
      Int(value).map { (0...1_000_000).contains($0) } == true ? nil : "is not a number of things"
    case .existence, .relation, .isColour, .colouredExistence, .groupExistence, .anybody:
      ["yes", "no"].contains(value) ? nil : "is neither \"yes\" nor \"no\""
    case .compare:
      ["more", "fewer", "equal"].contains(value) ? nil : "is none of \"more\", \"fewer\" and \"equal\""
    case .stuffCount, .narrower: value == "0" ? nil : "is no number of what is not there"
    case .colour, .colours, .whereIs, .colouredWhere, .whichOne, .group, .part, .twoCounts, .onTop, .beside,
      .doing, .purpose, .region, .list, .describe, .unknownCategory, .nothingKnown, .unrelated, .unknowable,
      .otherLanguage:
      nil
    }
  }

  private static func badBox(_ key: String) -> RecordFault {
    RecordFault(key: key, reason: "is not a box within the picture")
  }

  private func holds(_ box: PixelBox) -> Bool {
    box.x0 >= 0 && box.y0 >= 0 && box.x0 <= box.x1 && box.y0 <= box.y1 && box.x1 <= width && box.y1 <= height
  }

  /// The first box without an area; nil where there is none.
  var flatBox: RecordFault? {
    var boxes = segments.enumerated().map { (key: "segments[\($0)].box", box: $1.box) }
    for (index, question) in questions.enumerated() {
      let key = "questions[\(index)]"
      boxes += question.regions.enumerated().map { ("\(key).regions[\($0)].box", $1.box) }
      boxes += question.inputRegions.enumerated().map { ("\(key).input_regions[\($0)]", $1) }
    }
    return boxes.first { $0.box.width == 0 || $0.box.height == 0 }.map {
      RecordFault(key: $0.key, reason: "has no area")
    }
  }
}
