public import CrayonCore

/// An answer as `crayon ask --json` prints it.
public struct AnswerReport: Sendable, Encodable {
  /// A segment of the map, with the number that the listing gives it.
  public struct Segment: Sendable, Encodable {
    public var id: Int32
    public var category: String
    public var number: Int
    /// x0, y0, x1, y1 in pixels, right and bottom exclusive.
    public var box: [Int]
  }

  /// Which adapters worked, and how strongly.
  public struct Adapters: Sendable, Encodable {
    public var image: Float
    public var vl: Float
  }

  /// Without special tokens.
  public var answer: String
  public var segments: [Segment]
  public var tokens: [Int]
  public var end: Reply.End
  /// By stage.
  public var timings_ms: [String: Double]
  /// Stages whose result was known from before.
  public var cached: [String]
  public var pipeline: String
  public var adapters: Adapters

  public init(_ answer: PictureAnswer, on picture: SeenPicture, pipeline: String, options: AskOptions) {
    self.answer = answer.reply.text
    let boxes = Dictionary(
      picture.map.segments.map { ($0.id, $0.box) }, uniquingKeysWith: { first, _ in first })
    segments = picture.crayon.objects.map { object in
      let box = boxes[object.id] ?? PixelBox(x0: 0, y0: 0, x1: 0, y1: 0)
      return Segment(
        id: object.id, category: object.category, number: object.number, box: [box.x0, box.y0, box.x1, box.y1])
    }
    tokens = answer.reply.tokens
    end = answer.reply.end
    let entries = answer.timings.entries
    timings_ms = Dictionary(
      entries.map { ($0.rawValue, ($1.milliseconds * 1000).rounded() / 1000) }, uniquingKeysWith: { first, _ in first })
    cached = StageTimings.Stage.allCases.filter { entries[$0]?.wasKnown == true }.map(\.rawValue)
    self.pipeline = pipeline
    adapters = Adapters(image: options.imageGain, vl: options.visualLanguageGain)
  }
}
