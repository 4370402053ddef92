public import CrayonCore
public import Scenes

/// A picture's line in a file of questions.
public struct QuestionRecord: Sendable, Equatable {
  /// A segment of the picture's map, as far as questions need it.
  public struct Entry: Sendable, Equatable {
    public var id: Int32
    /// By its full name.
    public var category: String
    /// Its number among those of its category in increasing order of ids, from 1.
    public var number: Int
    public var box: PixelBox
    /// nil where it is not known.
    public var colour: String?

    public init(id: Int32, category: String, number: Int, box: PixelBox, colour: String? = nil) {
      self.id = id
      self.category = category
      self.number = number
      self.box = box
      self.colour = colour
    }
  }

  public var id: Int
  /// The picture's file, relative to the file of questions; nil where there is only a map.
  public var image: String?
  /// The map's file, likewise.
  public var map: String
  public var width: Int
  public var height: Int
  /// In increasing order of ids.
  public var segments: [Entry]
  public var questions: [Question]

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
