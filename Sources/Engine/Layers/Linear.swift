import CKernels
public import Checkpoints
public import Tensors

/// y = activation(x · weightᵀ + bias), as `torch.nn.Linear`.
public struct Linear: Sendable {
  /// [outputs, inputs]
  public let weight: LinearWeight
  /// [outputs]
  public let bias: Tensor?
  /// The same weight for oneDNN, where the precision that was current at loading asks for it.
  private let packed: PackedWeights?

  /// Values of a row that goes in.
  public var inputs: Int { weight.inputs }
  /// Values of a row that comes out.
  public var outputs: Int { weight.outputs }

  /// - Precondition: the shapes fit; loaders have checked them against the checkpoint.
  public init(weight: LinearWeight, bias: Tensor?) {
    precondition(bias.map { $0.shape == [weight.outputs] } ?? true)
    self.weight = weight
    self.bias = bias
    packed = Self.packed(weight)
  }

  /// What is stored in few bits is not kept in 32 beside that.
  private static func packed(_ weight: LinearWeight) -> PackedWeights? {
    if case .stored = weight, Precision.current.mark.isEmpty { return nil }
    return PackedWeights(outputs: weight.outputs, inputs: weight.inputs) { body in
      weight.read(0..<weight.outputs) { body($0) }
    }
  }

  /// - Parameters:
  ///   - weight: [outputs, inputs]
  ///   - bias: [outputs], or nil for none
  /// - Precondition: the shapes fit.
  public init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 2)
    self.init(weight: .floats(weight), bias: bias)
  }

  /// - Parameters:
  ///   - x: […, inputs]
  ///   - activation: behind the bias, before the residual is added
  ///   - residual: added to the result; […, outputs]
  /// - Returns: […, outputs]
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .none, residual: Tensor? = nil
  ) -> Tensor {
    precondition(x.shape.last == inputs, "\(x.shape) into a layer of \(inputs) inputs")
    let rows = x.count / inputs
    return Tensor(shape: x.shape.dropLast() + [outputs]) { out in
      x.read { x in
        residual.read { residual in
          apply(x, rows: rows, activation: activation, residual: residual, into: out)
        }
      }
    }
  }

  private func apply(
    _ x: UnsafePointer<Float>, rows: Int, activation: Activation,
    residual: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    if let packed, rows > FewRows.most {
      return multiply(x, by: packed, rows: rows, activation: activation, residual: residual, into: out)
    }
    if case .stored(let matrix) = weight {
      if rows <= FewRows.most {
        QuantizedMatrix.multiply([(matrix, out)], x: x, count: rows, stride: outputs)
        return finish(
          out, rows: rows, column: 0, width: outputs, activation: activation, residual: residual)
      }
      // Every row of tiles would unpack the weight again: once is enough.
      if rows >= Self.manyRows {
        return Linear(weight: matrix.dequantized(), bias: bias)
          .apply(x, rows: rows, activation: activation, residual: residual, into: out)
      }
    }
    multiply(x, rows: rows, activation: activation, residual: residual, into: out)
  }

  private static let manyRows = 2048

  /// Tiles of rows where there are many, so that bias and activation find a tile still in the cache; tiles of
  /// columns where there are few rows, so that every thread has some; of both between.
  private func tile(rows: Int) -> (rows: Int, columns: Int) {
    if rows >= Self.manyRows { return (Parallel.balancedGrain(rows, target: 1024), outputs) }
    if rows >= 512 {
      return (Parallel.balancedGrain(rows, target: 640), min(512, max(128, (outputs + 3) / 4)))
    }
    return (rows, max(64, (outputs + 7) / 8))
  }

  /// Rows of a tile for oneDNN, two at least: what a tile makes is still in the cache for bias and activation.
  private func multiply(
    _ x: UnsafePointer<Float>, by packed: PackedWeights, rows: Int, activation: Activation,
    residual: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    let target = max(16, min((rows + 1) / 2, (1 << 17) / max(inputs, outputs)))
    Parallel.forEachRange(rows, grain: Parallel.balancedGrain(rows, target: target)) { range in
      let tile = out + range.lowerBound * outputs
      multiply(x + range.lowerBound * inputs, by: packed, rows: range.count, into: tile)
      finish(
        tile, rows: range.count, column: 0, width: outputs, activation: activation,
        residual: residual.map { $0 + range.lowerBound * outputs })
    }
  }

  /// On the calling thread, whatever can do it.
  private func multiply(
    _ x: UnsafePointer<Float>, by packed: PackedWeights?, rows: Int, accumulate: Bool = false,
    into out: UnsafeMutablePointer<Float>
  ) {
    if packed?.multiply(x, rows: rows, accumulate: accumulate, into: out) == true { return }
    weight.read(0..<outputs) {
      matrixProduct(
        MatrixView(x, stride: inputs), MatrixView($0, stride: inputs), transposed: true, rows: rows,
        columns: outputs, inner: inputs, accumulate: accumulate, into: out, stride: outputs)
    }
  }

  private func multiply(
    _ x: UnsafePointer<Float>, rows: Int, activation: Activation,
    residual: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    let (tileRows, tileColumns) = tile(rows: rows)
    let columnTiles = (outputs + tileColumns - 1) / tileColumns
    let rowTiles = (rows + tileRows - 1) / tileRows
    Parallel.forEach(rowTiles * columnTiles) { tile in
      let row = tile / columnTiles * tileRows
      let column = tile % columnTiles * tileColumns
      let height = min(tileRows, rows - row)
      let width = min(tileColumns, outputs - column)
      let corner = row * outputs + column
      weight.read(column..<column + width) { panel in
        matrixProduct(
          MatrixView(x + row * inputs, stride: inputs), MatrixView(panel, stride: inputs),
          transposed: true, rows: height, columns: width, inner: inputs, into: out + corner,
          stride: outputs)
      }
      finish(
        out + corner, rows: height, column: column, width: width, activation: activation,
        residual: residual.map { $0 + corner })
    }
  }

  /// Bias, activation and residual of a tile that starts in a column.
  private func finish(
    _ tile: UnsafeMutablePointer<Float>, rows: Int, column: Int, width: Int, activation: Activation,
    residual: UnsafePointer<Float>?
  ) {
    guard bias != nil || activation != .none || residual != nil else { return }
    bias.read { bias in
      kernels.bias_activation(
        tile, rows, width, outputs, bias.map { $0 + column }, activation.kernel, residual, outputs)
    }
  }
}

extension Linear {
  /// The layer on rows somewhere in memory, on the calling thread: for layers that run a few rows at a time
  /// through several steps.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - out: [rows, outputs], overwritten, or added to when `accumulate`
  package func apply(
    to x: UnsafePointer<Float>, rows: Int, activation: Activation = .none, accumulate: Bool = false,
    into out: UnsafeMutablePointer<Float>
  ) {
    precondition(!accumulate || activation == .none)
    multiply(x, by: packed, rows: rows, accumulate: accumulate, into: out)
    guard bias != nil || activation != .none else { return }
    bias.read {
      kernels.bias_activation(out, rows, outputs, outputs, $0, activation.kernel, nil, 0)
    }
  }
}

extension Tensor? {
  /// Lends the values, or nil where there is no tensor.
  package func read<Result>(_ body: (UnsafePointer<Float>?) throws -> Result) rethrows -> Result {
    guard let self else { return try body(nil) }
    return try self.read { try body($0) }
  }
}

extension Linear {
  /// Takes `weight` [outputs, inputs] and `bias` [outputs] from a scope of a checkpoint. A weight of 16 or 4 bits
  /// stays as it is in the mapped file.
  public init(_ weights: WeightReader, inputs: Int, outputs: Int, bias: Bool = true) throws {
    let isFloats = weights.elementType(of: "weight") == .float32
    self.init(
      weight: isFloats
        ? .floats(try weights.tensor("weight", shape: [outputs, inputs]))
        : .stored(try weights.matrix("weight", rows: outputs, columns: inputs, readingValues: true)),
      bias: bias ? try weights.tensor("bias", shape: [outputs]) : nil)
  }
}

/// The matrix of a linear layer [outputs, inputs], as floats or as it is stored: one model file serves a model
/// in full precision, one in 16 bits and one in 4.
public enum LinearWeight: Sendable {
  case floats(Tensor)
  /// Never unpacked as a whole for longer than a product takes.
  case stored(QuantizedMatrix)

  /// Values of a row that comes out.
  public var outputs: Int {
    switch self {
    case .floats(let tensor): tensor.shape[0]
    case .stored(let matrix): matrix.rows
    }
  }

  /// Values of a row that goes in.
  public var inputs: Int {
    switch self {
    case .floats(let tensor): tensor.shape[1]
    case .stored(let matrix): matrix.columns
    }
  }

  /// All values as floats.
  public var tensor: Tensor {
    switch self {
    case .floats(let tensor): tensor
    case .stored(let matrix): matrix.dequantized()
    }
  }

  /// Lends some rows as floats, on the calling thread; those that are stored otherwise in memory that is lent for
  /// as long.
  func read<Result>(_ rows: Range<Int>, _ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    switch self {
    case .floats(let tensor):
      return try tensor.read { try body($0 + rows.lowerBound * inputs) }
    case .stored(let matrix):
      return try withScratch(rows.count * inputs) { panel in
        matrix.dequantize(rows, into: panel)
        return try body(panel)
      }
    }
  }
}

/// y = activation(x · weightᵀ + bias), as ``Linear``, with its matrix packed once for the kernel that multiplies by it: for
/// the small matrices of a convolutional network, where a library's product spends a fifth of its time on packing.
public struct PackedLinear: Sendable {
  private let weights: Weights
  /// [outputs]
  public let bias: Tensor?
  /// Values of a row that goes in.
  public let inputs: Int
  /// Values of a row that comes out.
  public let outputs: Int

  /// - Parameters:
  ///   - weight: [outputs, inputs]
  ///   - bias: [outputs]
  public init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 2 && bias.map { $0.shape == [weight.shape[0]] } ?? true)
    weights = Weights(weight)
    self.bias = bias
    outputs = weight.shape[0]
    inputs = weight.shape[1]
  }

  /// The matrix as it is multiplied by, with zeros beyond its last row.
  private enum Weights: Sendable {
    /// [panels, inputs, columns of a panel]
    case floats(Tensor)
    /// bfloat16, [panels, pairs of inputs, columns of a panel, 2]: where the precision that was current at loading and
    /// the processor have it.
    case pairs([UInt16])

    /// - Parameter weight: [outputs, inputs]
    init(_ weight: Tensor) {
      let inPairs = Precision.current.multipliesPairs
      let (outputs, inputs, width) = (weight.shape[0], weight.shape[1], CK_PANEL)
      let (panels, together) = ((outputs + width - 1) / width, inPairs ? 2 : 1)
      let steps = (inputs + together - 1) / together
      var packed = Tensor(zeros: [panels, steps, width, together])
      packed.write { to in
        weight.read { from in
          for output in 0..<outputs {
            let column = to + (output / width * steps * width + output % width) * together
            for input in 0..<inputs {
              column[input / together * together * width + input % together] = from[output * inputs + input]
            }
          }
        }
      }
      self = inPairs ? .pairs(packed.bfloats) : .floats(packed)
    }
  }

  /// Some columns of rows somewhere in memory into some columns of others, on the calling thread.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - bias: in place of the layer's own
  ///   - accumulate: whether what is in `out` is added before the activation
  ///   - residual: added behind the activation; [rows, outputs], its rows as far apart as those of `out`
  ///   - out: [rows, outputs], its rows `stride` apart
  package func apply(
    to x: MatrixView, rows: Int, bias: Tensor? = nil, activation: Activation = .none, accumulate: Bool = false,
    residual: UnsafePointer<Float>? = nil, into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    (bias ?? self.bias).read { bias in
      var product = ck_panel_product(
        a: x.values, a_stride: x.stride, rows: rows, inner: inputs, panels: nil, pairs: nil, rounded: nil,
        columns: outputs, bias: bias, accumulate: accumulate, activation: activation.kernel, residual: residual,
        c: out, c_stride: stride)
      switch weights {
      case .floats(let panels):
        panels.read {
          product.panels = $0
          kernels.panel_product(&product)
        }
      case .pairs(let pairs):
        // As many floats as there are pairs.
        withScratch(CK_PANEL_ROUNDED * ((inputs + 1) / 2)) { scratch in
          pairs.withUnsafeBufferPointer {
            product.pairs = $0.baseAddress
            product.rounded = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
            kernels.panel_product_of_pairs(&product)
          }
        }
      }
    }
  }

  /// A 1×1 convolution.
  /// - Parameters:
  ///   - map: where it has more channels than the layer has inputs, the last of them are taken
  ///   - others: added before the activation, brought to the map's size bilinearly
  ///   - activation: behind all else
  public func callAsFunction(
    _ map: FeatureMap, adding others: [FeatureMap] = [], activation: Activation = .none
  ) -> FeatureMap {
    precondition(map.channels >= inputs && others.allSatisfy { $0.channels == outputs })
    let (height, width) = (map.height, map.width)
    let values = Tensor(shape: [map.positions, outputs]) { out in
      map.values.read { values in
        Parallel.forEachRange(height, grain: MapView.grain(height: height, width: width)) { rows in
          let first = rows.lowerBound * width
          let tile = out + first * outputs
          for (index, other) in others.enumerated() {
            other.resizeRows(rows, height: height, width: width, adding: index > 0, into: tile)
          }
          apply(
            to: MatrixView(values + first * map.channels + map.channels - inputs, stride: map.channels),
            rows: rows.count * width, activation: activation, accumulate: !others.isEmpty, into: tile,
            stride: outputs)
        }
      }
    }
    return FeatureMap(height: height, width: width, values: values)
  }
}

extension Tensor {
  /// All values, rounded.
  fileprivate var bfloats: [UInt16] {
    [UInt16](unsafeUninitializedCapacity: count) { halves, filled in
      read { kernels.bfloats_from_floats($0, halves.baseAddress, count) }
      filled = count
    }
  }
}
