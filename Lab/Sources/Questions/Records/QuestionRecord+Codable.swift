import CrayonCore

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
