import CKernels
public import Tensors

/// y = activation(x · weightᵀ + bias), as `torch.nn.Linear`.
public struct Linear: Sendable {
  /// [outputs, inputs]
  public let weight: Tensor
  /// [outputs]
  public let bias: Tensor?

  public var inputs: Int { weight.shape[1] }
  public var outputs: Int { weight.shape[0] }

  /// - Precondition: the shapes fit; loaders have checked them against the checkpoint.
  public init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 2 && bias.map { $0.shape == [weight.shape[0]] } ?? true)
    self.weight = weight
    self.bias = bias
  }

  /// - Parameters:
  ///   - x: […, inputs]
  ///   - residual: added to the result; […, outputs]
  /// - Returns: […, outputs]
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .none, residual: Tensor? = nil
  ) -> Tensor {
    precondition(x.shape.last == inputs, "\(x.shape) into a layer of \(inputs) inputs")
    let rows = x.count / inputs
    return Tensor(shape: x.shape.dropLast() + [outputs]) { out in
      x.read { x in
        if let residual {
          residual.read {
            apply(x, rows: rows, activation: activation, residual: $0, into: out)
          }
        } else {
          apply(x, rows: rows, activation: activation, residual: nil, into: out)
        }
      }
    }
  }

  /// Tiles of rows where there are many, so that bias and activation find a tile still in the cache;
  /// tiles of columns where there are few rows, so that every thread has some.
  private func apply(
    _ x: UnsafePointer<Float>, rows: Int, activation: Activation,
    residual: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>
  ) {
    let tileRows = rows >= 2048 ? Parallel.balancedGrain(rows, target: 1024) : rows
    let tileColumns = rows >= 2048 ? outputs : max(64, (outputs + 7) / 8)
    let columnTiles = (outputs + tileColumns - 1) / tileColumns
    let rowTiles = (rows + tileRows - 1) / tileRows
    weight.read { weight in
      bias.read { bias in
        Parallel.forEach(rowTiles * columnTiles) { tile in
          let row = tile / columnTiles * tileRows
          let column = tile % columnTiles * tileColumns
          let height = min(tileRows, rows - row)
          let width = min(tileColumns, outputs - column)
          let corner = row * outputs + column
          matrixProduct(
            MatrixView(x + row * inputs, stride: inputs),
            MatrixView(weight + column * inputs, stride: inputs), transposed: true,
            rows: height, columns: width, inner: inputs, into: out + corner, stride: outputs)
          guard bias != nil || activation != .none || residual != nil else { return }
          kernels.bias_activation(
            out + corner, height, width, outputs, bias.map { $0 + column }, activation.kernel,
            residual.map { $0 + corner }, outputs)
        }
      }
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
    weight.read {
      matrixProduct(
        MatrixView(x, stride: inputs), MatrixView($0, stride: inputs), transposed: true, rows: rows,
        columns: outputs, inner: inputs, accumulate: accumulate, into: out, stride: outputs)
    }
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
