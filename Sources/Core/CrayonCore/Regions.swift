/// What stage 7 hands on: the regions of a reply, in the order of its triggers, and what was wrong with others.
public struct Regions: Sendable, Equatable, Codable {
  /// Something about a trigger that a person should know.
  public struct Note: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
      /// The box decoder's numbers are no numbers: there is no region.
      case boxNotFinite
      /// The box has no area within the picture: there is no region.
      case boxWithoutArea
      /// No pixel is inside of the mask: the region has a box alone.
      case maskEmpty
      /// The mask decoder's numbers are no numbers: the region has a box alone.
      case maskNotFinite
    }

    /// Which of the reply's triggers.
    public var trigger: Int
    public var kind: Kind
    public var phrase: String

    public init(trigger: Int, kind: Kind, phrase: String) {
      self.trigger = trigger
      self.kind = kind
      self.phrase = phrase
    }

    /// A sentence for a person.
    public var sentence: String {
      let place = phrase.isEmpty ? "the answer's region \(trigger + 1)" : "\"\(phrase)\""
      switch kind {
      case .boxNotFinite: return "the box of \(place) is not made of numbers and was dropped"
      case .boxWithoutArea: return "the box of \(place) has no area within the picture and was dropped"
      case .maskEmpty: return "the mask of \(place) is empty; its box is kept"
      case .maskNotFinite: return "the mask of \(place) is not made of numbers; its box is kept"
      }
    }
  }

  /// Of the original picture.
  public var width: Int
  public var height: Int
  public var regions: [Region]
  public var notes: [Note]

  public init(width: Int, height: Int, regions: [Region], notes: [Note] = []) {
    self.width = width
    self.height = height
    self.regions = regions
    self.notes = notes
  }
}
