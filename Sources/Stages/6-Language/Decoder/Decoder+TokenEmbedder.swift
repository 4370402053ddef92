public import CrayonCore

extension Decoder: TokenEmbedder {
  /// Of an embedding.
  public var width: Int { configuration.width }
}
