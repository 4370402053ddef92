import Checkpoints
public import Foundation
import Tensors

extension FusedSequence: Artifact {
  public static var fileNames: [String] { ["5-sequence.json", "5-sequence.safetensors"] }

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
