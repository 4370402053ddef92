import Foundation
public import Layers
public import Tensors

/// Makes tokens of a prompt, and a map that is added to the picture's features.
public struct SAMPromptEncoder: Sendable {
  /// The decoder's sizes.
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

/// What a mask is asked for by: any of these together. Coordinates are pixels of the model's square.
public struct SAMPrompt: Sendable {
  /// A click.
  public struct Point: Sendable, Hashable {
    /// In pixels of the square, from its left edge.
    public var x: Float
    /// In pixels of the square, from its upper edge.
    public var y: Float
    /// Whether it lies on what is wanted, or on what is not.
    public var isInside: Bool

    /// Memberwise.
    public init(x: Float, y: Float, isInside: Bool = true) {
      self.x = x
      self.y = y
      self.isInside = isInside
    }
  }

  /// A rectangle around the thing.
  public struct Box: Sendable, Hashable {
    /// The left edge, in pixels of the square.
    public var x0: Float
    /// The upper edge.
    public var y0: Float
    /// The right edge.
    public var x1: Float
    /// The lower edge.
    public var y1: Float

    /// Memberwise.
    public init(x0: Float, y0: Float, x1: Float, y1: Float) {
      self.x0 = x0
      self.y0 = y0
      self.x1 = x1
      self.y1 = y1
    }
  }

  /// Clicks on the thing and beside it.
  public var points: [Point]
  /// Around the thing; nil for none.
  public var box: Box?
  /// Tokens that somebody else has made, as NExT-Chat's of a hidden state; they come first. [count, width]
  public var embeddings: Tensor?
  /// Logits of an earlier mask, on a grid of four times the feature map's side.
  public var mask: FeatureMap?

  /// Memberwise.
  public init(
    points: [Point] = [], box: Box? = nil, embeddings: Tensor? = nil, mask: FeatureMap? = nil
  ) {
    self.points = points
    self.box = box
    self.embeddings = embeddings
    self.mask = mask
  }
}

/// Places in the picture as sines and cosines of random directions (SAM, appendix A; arXiv 2006.10739).
struct SAMPositionEncoding: Sendable {
  /// [2, width / 2]: what x and y are multiplied by
  let directions: Tensor

  var width: Int { 2 * directions.shape[1] }

  /// Places in fractions of the picture → [places, width]
  func callAsFunction(_ places: [(x: Float, y: Float)]) -> Tensor {
    let half = directions.shape[1]
    return Tensor(shape: [places.count, 2 * half]) { out in
      directions.read { directions in
        Parallel.forEachRange(places.count, grain: 64) { range in
          for index in range {
            // In torch's order of single-precision steps: the angles are large.
            let (x, y) = (2 * places[index].x - 1, 2 * places[index].y - 1)
            let row = out + index * 2 * half
            for k in 0..<half {
              let angle = 2 * Float.pi * (x * directions[k] + y * directions[half + k])
              row[k] = sinf(angle)
              row[half + k] = cosf(angle)
            }
          }
        }
      }
    }
  }

  /// The middle of every cell of a square grid. [side², width]
  func grid(side: Int) -> Tensor {
    self(
      (0..<side * side).map { cell in
        ((Float(cell % side) + 0.5) / Float(side), (Float(cell / side) + 0.5) / Float(side))
      })
  }
}
