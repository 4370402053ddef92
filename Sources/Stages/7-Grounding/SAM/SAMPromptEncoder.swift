import Layers
import Tensors

/// Makes tokens of a prompt, and a map that is added to the picture's features.
public struct SAMPromptEncoder: Sendable {
  public let configuration: SAMMaskDecoderConfiguration
  let positions: SAMPositionEncoding
  /// Added to a point outside and inside, and to the corners of a box: [4, width]
  let points: Tensor
  /// In place of a point that is none. [1, width]
  let noPoint: Tensor
  /// Added everywhere where there is no mask. [1, width]
  let noMask: Tensor
  let maskEmbedding: SAMMaskEmbedding
  /// Of the cells of the feature map. [gridSide², width]
  let gridPositions: Tensor

  /// A prompt's tokens [count, width]; none for an empty prompt.
  func tokens(_ prompt: SAMPrompt) -> Tensor {
    let side = Float(configuration.imageSide)
    let width = configuration.width
    // Coordinates name pixels, whose middle is meant.
    func place(_ x: Float, _ y: Float) -> (x: Float, y: Float) { ((x + 0.5) / side, (y + 0.5) / side) }
    var places = prompt.points.map { place($0.x, $0.y) }
    var kinds = prompt.points.map { $0.isInside ? 1 : 0 }
    if let box = prompt.box {
      places += [place(box.x0, box.y0), place(box.x1, box.y1)]
      kinds += [2, 3]
    }
    let (encoded, offsets) = (positions(places).values, points.values)
    // A handful of rows: plain arrays. (Swift 6.3.1 compiles the same with pointers, in nested closures, to code that
    // loses a register.)
    var values = prompt.embeddings?.values ?? []
    for (index, kind) in kinds.enumerated() {
      values += (0..<width).map { encoded[index * width + $0] + offsets[kind * width + $0] }
    }
    // Points without a box are followed by one that is none.
    if prompt.box == nil && !prompt.points.isEmpty { values += noPoint.values }
    return Tensor(values, shape: [values.count / width, width])
  }

  /// What is added to the picture's features: one row for all cells, or one for each.
  func dense(_ prompt: SAMPrompt) -> Tensor { prompt.mask.map { maskEmbedding($0).values } ?? noMask }
}

/// Two convolutions that halve a mask's sides, and one that gives it the width.
struct SAMMaskEmbedding: Sendable {
  let first: PatchEmbedding
  let firstNorm: LayerNorm
  let second: PatchEmbedding
  let secondNorm: LayerNorm
  let last: Linear

  func callAsFunction(_ mask: FeatureMap) -> FeatureMap {
    var map = first(mask)
    map.values = Activation.gelu(firstNorm(map.values))
    map = second(map)
    map.values = Activation.gelu(secondNorm(map.values))
    return FeatureMap(height: map.height, width: map.width, values: last(map.values))
  }
}
