import CKernels
public import Tensors

/// y = activation(x · weightᵀ + bias), as ``Linear``, with its matrix packed once for the kernel that multiplies by it: for
/// the small matrices of a convolutional network, where a library's product spends a fifth of its time on packing.
public struct PackedLinear: Sendable {
  /// [panels, inputs, columns of a panel]
  private let panels: Tensor
  /// [outputs]
  public let bias: Tensor?
  public let inputs: Int
  public let outputs: Int

  /// - Parameters:
  ///   - weight: [outputs, inputs]
  ///   - bias: [outputs]
  public init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 2 && bias.map { $0.shape == [weight.shape[0]] } ?? true)
    let (outputs, inputs, width) = (weight.shape[0], weight.shape[1], CK_PANEL)
    var packed = Tensor(zeros: [(outputs + width - 1) / width, inputs, width])
    packed.write { to in
      weight.read { from in
        for output in 0..<outputs {
          let column = to + output / width * inputs * width + output % width
          for input in 0..<inputs { column[input * width] = from[output * inputs + input] }
        }
      }
    }
    panels = packed
    self.bias = bias
    self.inputs = inputs
    self.outputs = outputs
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
    panels.read { panels in
      (bias ?? self.bias).read { bias in
        var product = ck_panel_product(
          a: x.values, a_stride: x.stride, rows: rows, inner: inputs, panels: panels, columns: outputs,
          bias: bias,
          accumulate: accumulate, activation: activation.kernel, residual: residual, c: out, c_stride: stride)
        kernels.panel_product(&product)
      }
    }
  }

  /// A 1×1 convolution.
  /// - Parameters:
  ///   - map: where it has more channels than the layer has inputs, the last of them are taken
  ///   - others: added before the activation, brought to the map's size bilinearly
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
