public import Tensors

/// Cuts a picture into square patches and makes a vector of each: a convolution whose stride is its size.
public struct PatchEmbedding: Sendable {
  /// The side of a patch in pixels.
  public let patch: Int
  private let linear: Linear

  public var width: Int { linear.outputs }

  /// - Parameters:
  ///   - weight: [width, channels, patch, patch], as torch keeps it
  ///   - bias: [width]
  public init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 4 && weight.shape[2] == weight.shape[3])
    patch = weight.shape[2]
    linear = Linear(
      weight: weight.reshaped([weight.shape[0], weight.shape.dropFirst().reduce(1, *)]), bias: bias)
  }

  /// The vectors of the patches, row by row; pixels beyond the last whole patch are left out.
  /// - Precondition: the picture has as many channels as the weight, and at least one patch.
  public func callAsFunction(_ picture: FeatureMap) -> FeatureMap {
    let (rows, columns) = (picture.height / patch, picture.width / patch)
    let channels = picture.channels
    precondition(linear.inputs == channels * patch * patch && rows > 0 && columns > 0)
    // Channel by channel, as the weight is: [rows · columns, channels · patch²]
    let patches = Tensor(shape: [rows * columns, linear.inputs]) { out in
      picture.values.read { pixels in
        Parallel.forEachRange(rows, grain: 4) { range in
          for row in range {
            for column in 0..<columns {
              var to = out + (row * columns + column) * linear.inputs
              for channel in 0..<channels {
                for y in 0..<patch {
                  let from =
                    pixels + ((row * patch + y) * picture.width + column * patch) * channels + channel
                  for x in 0..<patch { to[x] = from[x * channels] }
                  to += patch
                }
              }
            }
          }
        }
      }
    }
    return FeatureMap(height: rows, width: columns, values: linear(patches))
  }
}
