import Checkpoints
public import Foundation
public import Tensors

/// What fusion needs of a language model: the embedding of each token. The language stage's decoder is one.
public protocol TokenEmbedder: Sendable {
  /// What an embedding measures.
  var width: Int { get }

  /// - Returns: [tokens, width]
  /// - Throws: the model's own error for a number that is no token
  func embeddings(of tokens: [Int]) throws -> Tensor
}

/// What the language model reads: the embeddings of text, picture and regions in one row, and which is which.
public struct FusedSequence: Sendable {
  /// What a stretch of the sequence is.
  public enum Kind: Sendable, Hashable {
    /// The template's own words and markers.
    case template
    /// The image tokens.
    case image
    /// What the map says in words.
    case listing
    /// The appearance and the place of an object of the listing, by its place there from 1.
    case object(Int)
    case question
    /// A region of the picture in the question, by its number from 1.
    case region(Int)
  }

  /// A stretch of the sequence.
  public struct Span: Sendable, Hashable {
    /// What the positions hold.
    public var kind: Kind
    /// Positions of the sequence.
    public var range: Range<Int>
    /// The text there; empty for what is not text.
    public var text: String

    /// Memberwise.
    public init(_ kind: Kind, _ range: Range<Int>, text: String = "") {
      self.kind = kind
      self.range = range
      self.text = text
    }
  }

  /// [positions, width]
  public let embeddings: Tensor
  /// The token at each position; nil where there is none: the picture's positions, the objects' and the regions'.
  public let tokens: [Int?]
  /// All of the sequence, in order.
  public let spans: [Span]
  /// The picture's crayon features, [image positions, width], for layers that take them in beside the
  /// embeddings; nil where there are none.
  public let crayonFeatures: Tensor?

  /// - Precondition: the parts agree in length, and the spans cover the sequence without overlap.
  public init(embeddings: Tensor, tokens: [Int?], spans: [Span], crayonFeatures: Tensor?) {
    precondition(embeddings.shape.count == 2 && embeddings.shape[0] == tokens.count)
    precondition(spans.reduce(0) { $1.range.lowerBound == $0 ? $1.range.upperBound : -1 } == tokens.count)
    self.embeddings = embeddings
    self.tokens = tokens
    self.spans = spans
    self.crayonFeatures = crayonFeatures
    precondition(crayonFeatures.map { $0.shape[0] == imageSpan.count } ?? true)
  }

  /// Positions.
  public var count: Int { tokens.count }

  /// Where the picture is; empty where there is none.
  public var imageSpan: Range<Int> { spans.first { $0.kind == .image }?.range ?? 0..<0 }
}

extension FusedSequence: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["5-sequence.json", "5-sequence.safetensors"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let listed = Listed(
      spans: spans.map { span in
        Listed.Span(
          kind: span.kind.word, object: span.kind.object, region: span.kind.region,
          start: span.range.lowerBound, end: span.range.upperBound, text: span.text)
      },
      tokens: tokens)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(listed), to: folder.appendingPathComponent(Self.fileNames[0]))
    var writer = SafetensorsWriter()
    writer["embeddings"] = .float32(embeddings)
    if let crayonFeatures { writer["crayon_features"] = .float32(crayonFeatures) }
    try writer.write(to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  /// - Throws: ``ArtifactError`` or `CheckpointError`
  public init(readingFrom folder: URL) throws {
    let json = folder.appendingPathComponent(Self.fileNames[0])
    let listed = try ArtifactError.decoding(Listed.self, from: json)
    let weights = WeightReader(try Checkpoint(file: folder.appendingPathComponent(Self.fileNames[1])))
    let count = listed.tokens.count
    var spans: [Span] = []
    for span in listed.spans {
      guard let kind = Kind(word: span.kind, object: span.object, region: span.region), span.start <= span.end,
        span.start == spans.last?.range.upperBound ?? 0, span.end <= count
      else { throw ArtifactError.inconsistent(file: json.path, reason: "its spans do not follow each other") }
      spans.append(Span(kind, span.start..<span.end, text: span.text))
    }
    guard spans.last?.range.upperBound ?? 0 == count else {
      throw ArtifactError.inconsistent(file: json.path, reason: "its spans do not cover its tokens")
    }
    func matrix(_ name: String, rows: Int) throws -> Tensor? {
      guard let entry = weights.checkpoint.entry(named: name) else { return nil }
      return try weights.tensor(name, shape: [rows, entry.shape.last ?? 0])
    }
    guard let embeddings = try matrix("embeddings", rows: count) else {
      throw CheckpointError.missingTensor(path: weights.checkpoint.path, name: "embeddings")
    }
    let image = spans.first { $0.kind == .image }?.range.count ?? 0
    self.init(
      embeddings: embeddings, tokens: listed.tokens, spans: spans,
      crayonFeatures: try matrix("crayon_features", rows: image))
    try weights.finish()
  }
}

/// What `5-sequence.json` holds.
private struct Listed: Codable {
  struct Span: Codable {
    var kind: String
    var object: Int?
    var region: Int?
    var start: Int
    var end: Int
    var text: String
  }

  var spans: [Span]
  /// null where there is no token.
  var tokens: [Int?]
}

extension FusedSequence.Kind {
  /// As files and pages call it.
  public var word: String {
    switch self {
    case .template: "template"
    case .image: "image"
    case .listing: "listing"
    case .object: "object"
    case .question: "question"
    case .region: "region"
    }
  }

  fileprivate var object: Int? {
    if case .object(let number) = self { number } else { nil }
  }

  fileprivate var region: Int? {
    if case .region(let number) = self { number } else { nil }
  }

  fileprivate init?(word: String, object: Int?, region: Int?) {
    switch (word, object, region) {
    case ("template", nil, nil): self = .template
    case ("image", nil, nil): self = .image
    case ("listing", nil, nil): self = .listing
    case ("object", let number?, nil): self = .object(number)
    case ("question", nil, nil): self = .question
    case ("region", nil, let number?): self = .region(number)
    default: return nil
    }
  }
}
