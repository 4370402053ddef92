public import Checkpoints
public import Tensors

extension PixelNormalization {
  /// A picture's bytes as a model's values. [height · width, 3]
  public func callAsFunction(_ image: RGBImage) -> Tensor {
    // Every byte has one value in each channel.
    let table = (0..<256).flatMap { byte in
      (0..<3).map { (Float(byte) * rescale - mean[$0]) / deviation[$0] }
    }
    let count = image.width * image.height
    return Tensor(shape: [count, 3]) { out in
      image.pixels.withUnsafeBufferPointer { pixels in
        table.withUnsafeBufferPointer { table in
          Parallel.forEachRange(count, grain: 1 << 15) { range in
            for index in range {
              for channel in 0..<3 {
                out[index * 3 + channel] = table[Int(pixels[index * 3 + channel]) * 3 + channel]
              }
            }
          }
        }
      }
    }
  }
}
