public import CrayonCore

/// A question about a picture, and its answer.
public struct Question: Sendable, Equatable {
  /// A segment that an answer points to.
  public struct Region: Sendable, Equatable {
    /// The segment's.
    public var id: Int32
    /// In pixels.
    public var box: PixelBox

    /// Memberwise.
    public init(id: Int32, box: PixelBox) {
      self.id = id
      self.box = box
    }
  }

  /// What stands in an answer for each of ``regions``.
  public static let regionMark = "<at>"

  /// What is asked about.
  public var family: QuestionFamily
  /// The wording's number within its family, from 1.
  public var wording: Int
  /// Whether the wording is kept for evaluation.
  public var isHeldOut: Bool
  /// `[1]` stands for the first of ``inputRegions``.
  public var question: String
  /// ``regionMark`` stands for each of ``regions``, in order.
  public var answer: String
  /// The answer's gist: a number in digits, "yes" or "no", a colour, "more", "fewer" or "equal", a category.
  public var value: String?
  /// The category that is asked about, by its full name.
  public var category: String?
  /// Of existence questions.
  public var polling: Polling?
  /// What the answer points to, in its order.
  public var regions: [Region]
  /// Boxes that the question is about.
  public var inputRegions: [PixelBox]

  /// Memberwise.
  public init(
    family: QuestionFamily, wording: Int, isHeldOut: Bool, question: String, answer: String,
    value: String? = nil, category: String? = nil, polling: Polling? = nil, regions: [Region] = [],
    inputRegions: [PixelBox] = []
  ) {
    self.family = family
    self.wording = wording
    self.isHeldOut = isHeldOut
    self.question = question
    self.answer = answer
    self.value = value
    self.category = category
    self.polling = polling
    self.regions = regions
    self.inputRegions = inputRegions
  }
}

/// Which categories that are not there a question is asked about, as POPE has them (Li et al., 2023, section 4).
public enum Polling: String, Sendable, Hashable, Codable, CaseIterable {
  /// Any category.
  case random
  /// Categories that most pictures show.
  case popular
  /// Categories that are often seen together with those of the picture.
  case adversarial
}
