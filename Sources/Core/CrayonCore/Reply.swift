public import Foundation
public import Tensors

/// What the language model has said.
public struct Reply: Sendable, Equatable, Codable {
  /// A place in the reply where the model points: its trigger token was made there.
  public struct Trigger: Sendable, Equatable, Codable {
    /// Of the trigger among the reply's tokens.
    public var position: Int
    /// How many characters of the text come before it.
    public var textOffset: Int
    /// The hidden state at the trigger, behind the last norm, [width] (NExT-Chat, arXiv 2311.04498).
    public var state: [Float]

    /// Memberwise.
    public init(position: Int, textOffset: Int, state: [Float]) {
      self.position = position
      self.textOffset = textOffset
      self.state = state
    }
  }

  /// Why the reply ends.
  public enum End: String, Sendable, Codable {
    /// A stop token or stop text.
    case stop
    /// As many tokens as were allowed.
    case limit
    case contextFull
    /// Somebody wanted no more.
    case cancelled
  }

  /// Without special tokens.
  public var text: String
  /// All, triggers and location slots too.
  public var tokens: [Int]
  /// Where the answer points, in its order.
  public var triggers: [Trigger]
  /// Why the answer ended.
  public var end: End
  /// Positions that were read before the reply began.
  public var promptTokens: Int
  /// Of these, the ones that were known from an earlier question.
  public var reusedTokens: Int
  /// From the start of reading to the first token.
  public var firstTokenSeconds: Double
  /// From the first token to the last.
  public var writingSeconds: Double

  /// Memberwise.
  public init(
    text: String, tokens: [Int], triggers: [Trigger], end: End, promptTokens: Int, reusedTokens: Int,
    firstTokenSeconds: Double, writingSeconds: Double
  ) {
    self.text = text
    self.tokens = tokens
    self.triggers = triggers
    self.end = end
    self.promptTokens = promptTokens
    self.reusedTokens = reusedTokens
    self.firstTokenSeconds = firstTokenSeconds
    self.writingSeconds = writingSeconds
  }
}

extension Reply: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["6-reply.json"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(self), to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  /// - Throws: ``ArtifactError``
  public init(readingFrom folder: URL) throws {
    let file = folder.appendingPathComponent(Self.fileNames[0])
    self = try ArtifactError.decoding(Reply.self, from: file)
    guard
      triggers.allSatisfy({ tokens.indices.contains($0.position) && (0...text.count).contains($0.textOffset) })
    else { throw ArtifactError.inconsistent(file: file.path, reason: "it points where there is no token") }
  }
}

/// What the language stage needs of grounding: the place that a trigger means, as the model reads it (NExT-Chat, arXiv
/// 2311.04498).
public protocol TriggerLocator: Sendable {
  /// - Parameter states: the hidden states at the triggers of the answer so far, behind the last norm, [width] each; not
  ///   empty
  /// - Returns: the embedding of the location in the slot behind the last of them, [width]
  func location(ofLast states: [Tensor]) throws -> Tensor
}
