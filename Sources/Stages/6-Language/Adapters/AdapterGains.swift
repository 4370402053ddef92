/// How strongly each adapter of a model works in one request: part of the request, not of the model, so that
/// requests with different gains run side by side. 0 switches an adapter off at no cost.
public struct AdapterGains: Sendable, Equatable {
  public var gains: [String: Float]

  public init(_ gains: [String: Float] = [:]) { self.gains = gains }

  /// No adapter works.
  public static let none = AdapterGains()
}
