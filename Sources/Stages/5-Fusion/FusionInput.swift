import CrayonCore
import Foundation
public import Tensors

/// What is fused into one sequence.
public struct FusionInput: Sendable {
  /// A question and what was answered.
  public struct Turn: Sendable, Equatable {
    /// As it was asked.
    public var question: String
    /// In words alone.
    public var answer: String

    /// Memberwise.
    public init(question: String, answer: String) {
      self.question = question
      self.answer = answer
    }
  }

  /// An object of the listing.
  public struct Object: Sendable {
    /// As the listing has it.
    public var name: String
    /// What it looks like and where it is, [1, width].
    public var token: Tensor

    /// Memberwise.
    public init(name: String, token: Tensor) {
      self.name = name
      self.token = token
    }
  }

  /// Earlier turns that the model is to remember, the oldest first.
  public var history: [Turn] = []
  /// Where it writes `[1]`, `[2]`, …, and there are such regions, their embeddings stand in its place.
  public var question: String
  /// What the map says in words; empty for nothing.
  public var listing: String
  /// The listing's objects in its order; shown where the template has it so
  /// (``FusionTemplate/showsObjects``).
  public var objects: [Object] = []
  /// The image tokens in the language model's space, [N, width].
  public var image: Tensor
  /// The crayon features of the image tokens, [N, width]; nil where the model is not shown the map.
  public var crayon: Tensor?
  /// Embeddings of the regions of the question, [positions, width] each.
  public var regions: [Tensor] = []

  /// Memberwise.
  public init(
    question: String, listing: String, objects: [Object] = [], image: Tensor, crayon: Tensor?,
    history: [Turn] = [], regions: [Tensor] = []
  ) {
    self.question = question
    self.listing = listing
    self.objects = objects
    self.image = image
    self.crayon = crayon
    self.history = history
    self.regions = regions
  }
}

/// A piece of the sequence, before it becomes embeddings.
enum PromptPiece: Equatable {
  /// The vocabulary's token that starts a text.
  case beginOfText
  /// A token of the vocabulary, by name.
  case token(String)
  /// Text that is tokenised together; its parts are told apart only for people.
  case text([Part])
  /// Where the image tokens stand.
  case image
  /// What an object of the listing looks like and where it is, by its place there from 1.
  case object(Int)
  /// A region of the question, by its number from 1.
  case region(Int)

  struct Part: Equatable {
    var text: String
    var kind: FusedSequence.Kind

    init(_ text: String, _ kind: FusedSequence.Kind) {
      self.text = text
      self.kind = kind
    }
  }

  static func template(_ text: String) -> PromptPiece { .text([Part(text, .template)]) }

  /// A listing in which every object shows its token behind its name, before the bracket that closes its entry.
  static func listing(_ text: String, objects: [FusionInput.Object]) -> [PromptPiece] {
    var pieces: [PromptPiece] = []
    var (start, rest) = (text.startIndex, text[...])
    for (index, object) in objects.enumerated() {
      // From the last entry on: a name may hold a bracket of its own, or another's name.
      guard let entry = rest.range(of: " \(object.name))") else { break }
      let end = text.index(before: entry.upperBound)
      rest = text[entry.upperBound...]
      pieces += [.text([Part(String(text[start..<end]), .listing)]), .object(index + 1)]
      start = end
    }
    return pieces + [.text([Part(String(text[start...]), .listing)])]
  }

  /// Text with the question's regions cut out: `[1]`, where there is a first region, becomes its piece.
  /// - Throws: ``FusionError`` for a number without a region
  static func cut(_ parts: [Part], regions: Int) throws -> [PromptPiece] {
    guard regions > 0 else { return [.text(parts)] }
    var pieces: [PromptPiece] = []
    var pending: [Part] = []
    for part in parts {
      guard part.kind == .question else {
        pending.append(part)
        continue
      }
      var rest = part.text[...]
      while let match = rest.firstMatch(of: /\[([0-9]{1,3})\]/) {
        guard let number = Int(match.1), (1...regions).contains(number) else {
          throw FusionError.noSuchRegion(number: Int(match.1) ?? 0, given: regions)
        }
        let before = String(rest[..<match.range.lowerBound])
        if !before.isEmpty { pending.append(Part(before, .question)) }
        if !pending.isEmpty { pieces.append(.text(pending)) }
        pending = []
        pieces.append(.region(number))
        rest = rest[match.range.upperBound...]
      }
      if !rest.isEmpty { pending.append(Part(String(rest), .question)) }
    }
    return pending.isEmpty ? pieces : pieces + [.text(pending)]
  }
}
