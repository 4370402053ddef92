public import Tensors

/// What stage 4 hands on: one feature vector for every cell of a grid over the model's frame.
public struct VisionTokens: Sendable {
  /// [rows · columns, width], row-major from the upper left cell
  public let features: Tensor
  public let rows: Int
  public let columns: Int
  /// How the grid lies over the picture.
  public let frame: PictureFrame

  /// The length of a feature vector.
  public var width: Int { features.shape[1] }

  /// - Precondition: `features` is [rows · columns, width], and none of them is zero.
  public init(features: Tensor, rows: Int, columns: Int, frame: PictureFrame) {
    precondition(rows > 0 && columns > 0 && features.shape.count == 2 && features.shape[1] > 0)
    precondition(features.shape[0] == rows * columns)
    self.features = features
    self.rows = rows
    self.columns = columns
    self.frame = frame
  }
}
