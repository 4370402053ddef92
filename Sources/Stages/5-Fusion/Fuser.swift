public import CrayonCore
import Tensors
public import Tokenizers

/// Stage 5: text, picture and map to the one sequence that the language model reads.
public struct Fuser: Stage {
  /// Questions of more bytes are refused: no model here was made for them, and reading them takes minutes.
  public static let longestQuestion = 20_000

  /// How the model was trained to be asked.
  public let template: FusionTemplate
  /// Whether crayon features are added to the image tokens as they enter the model (this project's own
  /// models); layers may take them in beside that in any case.
  public let addsCrayon: Bool
  private let embedder: any TokenEmbedder
  private let tokenizer: any Tokenizer

  /// - Throws: ``FusionError/missingToken(_:)`` where the vocabulary is another model's
  public init(
    template: FusionTemplate, addsCrayon: Bool, embedder: any TokenEmbedder, tokenizer: any Tokenizer
  ) throws {
    self.template = template
    self.addsCrayon = addsCrayon
    self.embedder = embedder
    self.tokenizer = tokenizer
    let nothing = Tensor(zeros: [0, embedder.width])
    _ = try Layout(
      template.pieces(FusionInput(question: "", listing: "", image: nothing, crayon: nil)), tokenizer)
  }

  /// - Throws: ``FusionError``, or the language model's error for a token that it does not have
  public func run(_ input: FusionInput) throws -> FusedSequence {
    try check(input)
    let layout = try Layout(try template.pieces(input), tokenizer)
    let embedded = try embedder.embeddings(of: layout.tokens.compactMap { $0 })
    let image = imageRows(input)
    var spans: [FusedSequence.Span] = []
    var tokens: [Int?] = []
    var sources: [Tensor] = []
    var nextToken = 0
    for run in layout.runs {
      let given: Tensor? =
        switch run.kind {
        case .image: image
        case .object(let number): input.objects[number - 1].token
        case .region(let number): input.regions[number - 1]
        case .template, .listing, .question: nil
        }
      let rows = given ?? embedded.rows(nextToken..<nextToken + run.tokens.count)
      nextToken += run.tokens.count
      let count = rows.shape[0]
      sources.append(rows)
      tokens += given == nil ? run.tokens.map(Optional.some) : Array(repeating: nil, count: count)
      let start = spans.last?.range.upperBound ?? 0
      spans.append(FusedSequence.Span(run.kind, start..<start + count, text: run.text))
    }
    return FusedSequence(
      embeddings: Tensor(joining: sources, width: embedder.width), tokens: tokens, spans: spans,
      crayonFeatures: input.crayon)
  }

  private func check(_ input: FusionInput) throws {
    guard input.question.contains(where: { !$0.isWhitespace }) else { throw FusionError.emptyQuestion }
    // Counted in bytes: one character may be made of a million scalars.
    let length = input.question.utf8.count
    guard length <= Self.longestQuestion else {
      throw FusionError.questionTooLong(bytes: length, limit: Self.longestQuestion)
    }
    let width = embedder.width
    func check(_ tensor: Tensor, _ what: String, _ fits: ([Int]) -> Bool) throws {
      guard fits(tensor.shape) else {
        throw FusionError.wrongWidth(what: what, got: tensor.shape, width: width)
      }
    }
    try check(input.image, "image tokens") { $0.count == 2 && $0[0] > 0 && $0[1] == width }
    if let crayon = input.crayon, crayon.shape != input.image.shape {
      throw FusionError.wrongCrayonFeatures(got: crayon.shape, image: input.image.shape)
    }
    for object in input.objects {
      try check(object.token, "object embeddings") { $0 == [1, width] }
    }
    for (index, region) in input.regions.enumerated() {
      try check(region, "region embeddings") { $0.count == 2 && $0[0] > 0 && $0[1] == width }
      guard input.question.contains("[\(index + 1)]") else {
        throw FusionError.regionNotMentioned(number: index + 1)
      }
    }
  }

  private func imageRows(_ input: FusionInput) -> Tensor {
    guard addsCrayon, let crayon = input.crayon else { return input.image }
    var sum = input.image
    sum.write { sum in
      crayon.read { crayon in
        for index in 0..<input.image.count { sum[index] += crayon[index] }
      }
    }
    return sum
  }
}

/// The pieces of a prompt as runs of tokens of one kind.
private struct Layout {
  struct Run {
    var kind: FusedSequence.Kind
    var tokens: [Int] = []
    var text = ""
  }

  private(set) var runs: [Run] = []

  var tokens: [Int?] { runs.flatMap { $0.tokens.map(Optional.some) } }

  init(_ pieces: [PromptPiece], _ tokenizer: any Tokenizer) throws {
    /// Whether text would go on with what is before it. Some tokenizers put a space before a text; one that
    /// starts at the beginning or behind the picture gets it.
    var goesOn = false
    for piece in pieces {
      defer { goesOn = piece != .beginOfText && piece != .image }
      switch piece {
      case .image: runs.append(Run(kind: .image))
      case .object(let number): runs.append(Run(kind: .object(number)))
      case .region(let number): runs.append(Run(kind: .region(number)))
      case .beginOfText:
        guard let token = tokenizer.beginOfText else { throw FusionError.missingToken("that starts a text") }
        append([token], kind: .template, text: "")
      case .token(let name):
        guard let token = tokenizer.id(of: name) else { throw FusionError.missingToken(name) }
        append([token], kind: .template, text: name)
      case .text(let parts): append(parts, tokenizer, goesOn: goesOn)
      }
    }
  }

  /// Text is tokenised whole; a token belongs to the part in which its first byte lies.
  private mutating func append(_ parts: [PromptPiece.Part], _ tokenizer: any Tokenizer, goesOn: Bool) {
    let text = parts.map(\.text).joined()
    // Behind a token, whichever it is, text goes on.
    let tokens =
      goesOn
      ? Array(tokenizer.encode([.token(0), .text(text)]).dropFirst())
      : tokenizer.encode(text)
    let lengths = tokens.map { tokenizer.bytes(of: $0).count }
    // Negative where the tokenizer puts a space of its own before a text.
    var start = text.utf8.count - lengths.reduce(0, +)
    var rest = Array(zip(tokens, lengths))[...]
    var end = 0
    for (index, part) in parts.enumerated() {
      end += part.text.utf8.count
      var own: [Int] = []
      while let (token, length) = rest.first, start < end || index == parts.count - 1 {
        own.append(token)
        start += length
        rest = rest.dropFirst()
      }
      append(own, kind: part.kind, text: part.text)
    }
  }

  private mutating func append(_ tokens: [Int], kind: FusedSequence.Kind, text: String) {
    if runs.last?.kind != kind { runs.append(Run(kind: kind)) }
    runs[runs.count - 1].tokens += tokens
    runs[runs.count - 1].text += text
  }
}

/// Why a question cannot be put to the model.
public enum FusionError: Error, Equatable, CustomStringConvertible {
  case emptyQuestion
  case questionTooLong(bytes: Int, limit: Int)
  case noSuchRegion(number: Int, given: Int)
  case regionNotMentioned(number: Int)
  case missingToken(String)
  case wrongWidth(what: String, got: [Int], width: Int)
  case wrongCrayonFeatures(got: [Int], image: [Int])

  public var description: String {
    switch self {
    case .emptyQuestion: "the question is empty"
    case .questionTooLong(let bytes, let limit):
      "the question is \(bytes) bytes long; at most \(limit) are read"
    case .noSuchRegion(let number, let given):
      "the question speaks of region [\(number)], but \(given == 1 ? "one region is" : "\(given) regions are") given"
    case .regionNotMentioned(let number):
      "region \(number) is given, but the question does not speak of it; write [\(number)] where it belongs"
    case .missingToken(let name): "the language model's vocabulary has no token \(name), which the prompt needs"
    case .wrongWidth(let what, let got, let width):
      "\(what) of shape \(got) do not fit a language model of width \(width)"
    case .wrongCrayonFeatures(let got, let image):
      "crayon features of shape \(got) do not fit image tokens of shape \(image)"
    }
  }
}
