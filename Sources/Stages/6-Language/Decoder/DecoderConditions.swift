public import Tensors

/// Under what conditions a request runs: which adapters work, where the picture is, and what was drawn on it.
public struct DecoderConditions: Sendable {
  /// How much each adapter adds.
  public var adapters: AdapterGains
  /// Positions of the context that are the picture's.
  public var imageSpan: Range<Int>
  /// The picture's crayon features, [imageSpan.count, width]; nil where no adapter looks at them.
  public var crayonFeatures: Tensor?

  /// Memberwise.
  public init(
    adapters: AdapterGains = .none, imageSpan: Range<Int> = 0..<0, crayonFeatures: Tensor? = nil
  ) {
    self.adapters = adapters
    self.imageSpan = imageSpan
    self.crayonFeatures = crayonFeatures
  }

  /// - Throws: ``LanguageError/noSuchAdapter(_:known:)``
  func resolved(_ names: [String]) throws -> [(index: Int, gain: Float)] {
    try adapters.gains.sorted { $0.key < $1.key }.compactMap { name, gain in
      guard let index = names.firstIndex(of: name) else {
        throw LanguageError.noSuchAdapter(name, known: names)
      }
      guard gain.isFinite else { throw LanguageError.badGain(name, gain) }
      return gain == 0 ? nil : (index, gain)
    }
  }

  /// What holds for some rows of the context.
  /// - Throws: ``LanguageError/wrongCrayonFeatures(shape:rows:width:)``
  func part(rows: Range<Int>, gains: [(index: Int, gain: Float)], width: Int) throws -> ActiveAdapters {
    if let crayonFeatures, crayonFeatures.shape != [imageSpan.count, width] {
      throw LanguageError.wrongCrayonFeatures(
        shape: crayonFeatures.shape, rows: imageSpan.count, width: width)
    }
    let common = rows.clamped(to: imageSpan)
    let inRows =
      common.isEmpty ? 0..<0 : common.lowerBound - rows.lowerBound..<common.upperBound - rows.lowerBound
    let crayon =
      common.isEmpty
      ? nil
      : crayonFeatures?.rows(
        common.lowerBound - imageSpan.lowerBound..<common.upperBound - imageSpan.lowerBound)
    return ActiveAdapters(gains: gains, imageRows: inRows, crayon: crayon)
  }
}
