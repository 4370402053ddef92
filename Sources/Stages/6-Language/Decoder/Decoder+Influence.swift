public import CrayonCore
import Tensors

extension Decoder {
  /// How much the crayon path writes into each layer: over the picture's positions, the length of the difference
  /// between the stream with it and without it, relative to the stream with it. One number for each layer.
  /// - Parameters:
  ///   - sequence: with the crayon path
  ///   - plain: the same sequence without it
  ///   - adapters: without it, those whose input is the crayon features have nothing to write
  /// - Throws: ``LanguageError``
  public func crayonInfluence(
    _ sequence: FusedSequence, without plain: FusedSequence, adapters: AdapterGains
  ) throws -> [Double] {
    precondition(sequence.imageSpan == plain.imageSpan)
    let rows = Self.sample(sequence.imageSpan)
    let with = try stream(of: sequence, adapters, at: rows)
    let without = try stream(of: plain, adapters, at: rows)
    return zip(with, without).map { with, without in
      var (difference, length) = (0.0, 0.0)
      for (a, b) in zip(with, without) {
        difference += Double((a - b) * (a - b))
        length += Double(a * a)
      }
      return length > 0 ? (difference / length).squareRoot() : 0
    }
  }

  /// At most 256 positions, evenly spread: as good for a mean, and they fit the memory of any model.
  private static func sample(_ span: Range<Int>) -> [Int] {
    let stride = max(1, span.count / 256)
    return span.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
  }

  /// Layer by layer, the stream at some positions.
  private func stream(of sequence: FusedSequence, _ adapters: AdapterGains, at rows: [Int]) throws -> [[Float]]
  {
    var layers = [[Float]](repeating: [], count: configuration.layers)
    var cache = KeyValueCache(for: configuration, halves: keepsHalves)
    let width = configuration.width
    _ = try run(
      sequence.embeddings, cache: &cache,
      conditions: DecoderConditions(
        adapters: adapters, imageSpan: sequence.imageSpan, crayonFeatures: sequence.crayonFeatures),
      hiddenStatesAt: [sequence.count - 1]
    ) { layer, range, values in
      for row in rows where range.contains(row) {
        let start = values + (row - range.lowerBound) * width
        layers[layer] += UnsafeBufferPointer(start: start, count: width)
      }
    }
    return layers
  }
}
