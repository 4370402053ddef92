import Layers
public import Tensors

extension CLIPVisionTower {
  /// A tower of random weights, to measure with: weights do not matter for a time.
  /// - Parameters:
  ///   - side: of the square picture in pixels
  ///   - format: `.f32` or `.f16`, of the layers' matrices
  /// - Throws: `VisionError.badSide`
  public init(random configuration: CLIPVisionConfiguration, side: Int, format: MatrixFormat) throws {
    guard side > 0, side <= 4096, side % configuration.patch == 0 else {
      throw VisionError.badSide(side, patch: configuration.patch)
    }
    let (width, middle) = (configuration.width, configuration.perceptronWidth)
    func tensor(_ shape: [Int], _ scale: Float) -> Tensor {
      let count = shape.reduce(1, *)
      return Tensor(shape: shape) { out in
        Parallel.forEachRange(count, grain: 1 << 16) { range in
          for index in range {
            let mixed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
            out[index] = scale * (Float(mixed >> 40) / Float(1 << 23) - 1)
          }
        }
      }
    }
    func norm() -> LayerNorm {
      LayerNorm(
        scale: tensor([width], 1), shift: tensor([width], 0.1), epsilon: configuration.layerNormEpsilon)
    }
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      let weight = tensor([outputs, inputs], 1 / Float(inputs).squareRoot())
      return Linear(
        weight: format == .f32 ? .floats(weight) : .stored(QuantizedMatrix(weight, format: format)),
        bias: tensor([outputs], 0.1))
    }
    let grid = side / configuration.patch
    self.configuration = configuration
    self.side = side
    depth = configuration.layers
    patches = PatchEmbedding(
      weight: tensor([width, 3, configuration.patch, configuration.patch], 0.05), bias: nil)
    classToken = tensor([1, width], 1)
    positions = tensor([grid * grid, width], 1)
    inputNorm = norm()
    layers = (0..<configuration.layers).map { _ in
      CLIPVisionLayer(
        attentionNorm: norm(),
        attention: MultiHeadAttention(
          heads: configuration.heads, query: linear(width, width), key: linear(width, width),
          value: linear(width, width), output: linear(width, width)),
        perceptronNorm: norm(), expand: linear(width, middle), contract: linear(middle, width),
        activation: configuration.activation)
    }
    source = nil
  }
}
