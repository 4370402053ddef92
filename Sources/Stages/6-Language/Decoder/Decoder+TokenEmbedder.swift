public import CrayonCore

extension Decoder: TokenEmbedder {
  public var width: Int { configuration.width }
}
