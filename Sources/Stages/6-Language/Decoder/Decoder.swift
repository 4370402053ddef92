import CKernels
public import Tensors

/// A Llama-like decoder (Llama, arXiv 2302.13971; InternLM2, arXiv 2403.17297): grouped-query attention with
/// rotary positions, RMS norms, SwiGLU. A value without state: what a context has seen is in the cache that
/// the caller keeps, and what the adapters do is in the request.
public struct Decoder: Sendable {
  public let configuration: DecoderConfiguration
  /// The names of the adapters that are attached, in the order of their attachment.
  public internal(set) var adapterNames: [String] = []
  var layers: [DecoderLayer]
  /// [vocabulary, width]
  let embedding: QuantizedMatrix
  /// [vocabulary, width]; the embedding itself where the two are tied.
  let head: QuantizedMatrix
  let norm: Tensor

  /// Whether the keys and values of a context are kept in 16 bits.
  public var keepsHalves: Bool { head.precision.keepsHalves }

  /// By what its products are made: another arithmetic rounds otherwise.
  var arithmetic: String { "\(KernelSet.inUse), \(head.precision.rawValue): \(head.precision.inWords)" }

  /// Memory that each position of a context takes.
  public var bytesPerPosition: Int { KeyValueCache.bytesPerPosition(configuration, halves: keepsHalves) }

  /// Rows that go through the layers together: enough for the matrix products, few enough for the memory.
  static let rowsAtOnce = 512

  /// The embeddings of tokens. [tokens, width]
  /// - Throws: ``LanguageError/noSuchToken(_:vocabulary:)``
  public func embeddings(of tokens: [Int]) throws -> Tensor {
    for token in tokens where !(0..<configuration.vocabulary).contains(token) {
      throw LanguageError.noSuchToken(token, vocabulary: configuration.vocabulary)
    }
    return Tensor(shape: [tokens.count, configuration.width]) { out in
      for (row, token) in tokens.enumerated() {
        embedding.dequantize(token..<token + 1, into: out + row * configuration.width)
      }
    }
  }

  /// Takes a context further.
  /// - Parameters:
  ///   - input: the next positions' embeddings, [rows, width]
  ///   - cache: what the positions before gave; afterwards with these
  ///   - conditions: which adapters work, and where the picture is
  ///   - positions: those of `input`'s rows whose hidden states are wanted
  ///   - observe: called behind every layer with some rows of the stream: the layer, which of `input`'s rows
  ///     they are, and their values, [rows, width]
  /// - Returns: hidden states behind the last norm, [positions, width]
  /// - Throws: ``LanguageError``
  public func run(
    _ input: Tensor, cache: inout KeyValueCache, conditions: DecoderConditions = DecoderConditions(),
    hiddenStatesAt positions: [Int],
    observe: ((_ layer: Int, _ rows: Range<Int>, _ stream: UnsafePointer<Float>) -> Void)? = nil
  ) throws -> Tensor {
    let width = configuration.width
    guard input.shape.count == 2, input.shape[1] == width else {
      throw LanguageError.wrongEmbeddings(shape: input.shape, width: width)
    }
    let rows = input.shape[0]
    guard cache.count + rows <= configuration.contextLength else {
      throw LanguageError.contextFull(needed: cache.count + rows, limit: configuration.contextLength)
    }
    let gains = try conditions.resolved(adapterNames)
    let began = cache.count
    var stream = Tensor(shape: [positions.count, width]) { _ in }
    for first in stride(from: 0, to: rows, by: Self.rowsAtOnce) {
      let chunk = first..<min(first + Self.rowsAtOnce, rows)
      var x = input.rows(chunk)
      let adapting = try conditions.part(
        rows: began + chunk.lowerBound..<began + chunk.upperBound, gains: gains, width: width)
      let angles = configuration.rotary.angles(
        of: cache.count..<cache.count + chunk.count, width: configuration.headWidth, length: began + rows)
      cache.makeRoom(for: chunk.count)
      for index in layers.indices {
        x.write { step(index, x: $0, rows: chunk.count, cache: cache, angles: angles, adapting: adapting) }
        if !adapting.imageRows.isEmpty { layers[index].restImageAdapters() }
        if let observe { x.read { observe(index, chunk, $0) } }
      }
      cache.finish(adding: chunk.count)
      stream.write { stream in
        x.read { x in
          for (row, position) in positions.enumerated() where chunk.contains(position) {
            norm.read {
              kernels.rms_norm(
                x + (position - chunk.lowerBound) * width, stream + row * width, 1, width, $0,
                configuration.epsilon)
            }
          }
        }
      }
    }
    return stream
  }

  /// What the model expects next after each hidden state.
  /// - Parameter hidden: [rows, width]
  /// - Returns: [rows, vocabulary], not normalised
  public func logits(_ hidden: Tensor) -> Tensor { head.product(hidden) }

  // MARK: one layer

  private typealias Angles = (cosines: [Float], sines: [Float])

  private func step(
    _ index: Int, x: UnsafeMutablePointer<Float>, rows: Int, cache: KeyValueCache, angles: Angles,
    adapting: ActiveAdapters
  ) {
    let (c, layer) = (configuration, layers[index])
    withScratch(rows * (c.width + c.projectionWidth + c.queryWidth)) { scratch in
      let normed = scratch
      let projected = normed + rows * c.width
      let attended = projected + rows * c.projectionWidth
      normalize(x, layer.attentionNorm, rows: rows, into: normed)
      AdaptedLinear.apply(
        layer.projections, to: normed, rows: rows, into: projected, stride: c.projectionWidth,
        adapting: adapting)
      rotate(projected, rows: rows, layout: layer.heads, angles: angles)
      Parallel.forEachRange(c.keyValueHeads, grain: rows > FewRows.most ? 1 : c.keyValueHeads) { heads in
        for head in heads {
          cache.write(
            head: index * c.keyValueHeads + head, rows: rows, keys: projected + layer.heads.key(head, c),
            values: projected + layer.heads.value(head, c), stride: c.projectionWidth)
        }
      }
      Attention(configuration: c, layout: layer.heads).run(
        projected, rows: rows, before: cache.count, layer: index, cache: cache, into: attended)
      add(layer.output, of: attended, to: x, rows: rows, scratch: normed, adapting: adapting)
    }
    withScratch(rows * (c.width + 2 * c.feedForwardWidth)) { scratch in
      let normed = scratch
      let gate = normed + rows * c.width
      normalize(x, layer.feedForwardNorm, rows: rows, into: normed)
      // All rows of the gate, and behind them all of up: the next product sees a dense matrix.
      let stride = c.feedForwardWidth
      let up = gate + rows * stride
      AdaptedLinear.apply(
        [(layer.gate, 0), (layer.up, rows * stride)], to: normed, rows: rows, into: gate, stride: stride,
        adapting: adapting)
      Parallel.forEachRange(rows, grain: 32) { rows in
        let start = rows.lowerBound * stride
        kernels.swiglu(gate + start, up + start, rows.count * stride)
      }
      add(layer.down, of: gate, to: x, rows: rows, scratch: normed, adapting: adapting)
    }
  }

  /// x += layer(input)
  private func add(
    _ layer: AdaptedLinear, of input: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>, rows: Int,
    scratch: UnsafeMutablePointer<Float>, adapting: ActiveAdapters
  ) {
    let width = configuration.width
    AdaptedLinear.apply([(layer, 0)], to: input, rows: rows, into: scratch, stride: width, adapting: adapting)
    Parallel.forEachRange(rows, grain: 128) { rows in
      let start = rows.lowerBound * width
      kernels.bias_activation(
        x + start, rows.count, width, width, nil, CK_ACTIVATION_NONE, scratch + start, width)
    }
  }

  private func normalize(
    _ x: UnsafePointer<Float>, _ scale: Tensor, rows: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let width = configuration.width
    scale.read { scale in
      Parallel.forEachRange(rows, grain: 32) { rows in
        let start = rows.lowerBound * width
        kernels.rms_norm(x + start, out + start, rows.count, width, scale, configuration.epsilon)
      }
    }
  }

  private func rotate(
    _ projected: UnsafeMutablePointer<Float>, rows: Int, layout: HeadLayout, angles: Angles
  ) {
    let c = configuration
    let neighbours = c.rotary.pairs == .neighbours
    angles.cosines.withUnsafeBufferPointer { cosines in
      angles.sines.withUnsafeBufferPointer { sines in
        guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
        Parallel.forEachRange(rows, grain: 32) { rows in
          for row in rows {
            let start = projected + row * c.projectionWidth
            let at = row * c.headWidth / 2
            for head in 0..<c.heads {
              kernels.rotate(start + layout.query(head, c), c.headWidth, cosines + at, sines + at, neighbours)
            }
            for head in 0..<c.keyValueHeads {
              kernels.rotate(start + layout.key(head, c), c.headWidth, cosines + at, sines + at, neighbours)
            }
          }
        }
      }
    }
  }
}
