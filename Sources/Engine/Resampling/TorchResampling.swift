import Tensors

/// Bilinear resizing of 8-bit pictures as torchvision does it without antialiasing: as floats, by torch's
/// `interpolate`, rounded to the nearest byte, halves to the even one.
enum TorchResampling {
  static func resize(_ image: PixelRows, width: Int, height: Int) -> PixelRows {
    let rows = Taps(from: image.height, to: height)
    let columns = Taps(from: image.width, to: width)
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
      count = width * height * 3
      guard let out = out.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let pixels = pixels.baseAddress else { return }
        Parallel.forEachRange(height, grain: 32) { range in
          for y in range {
            let upper = pixels + rows.low[y] * image.width * 3
            let lower = pixels + rows.high[y] * image.width * 3
            let fy = rows.fraction[y]
            for x in 0..<width {
              let (left, right) = (columns.low[x] * 3, columns.high[x] * 3)
              let fx = columns.fraction[x]
              for channel in 0..<3 {
                let above =
                  (1 - fx) * Float(upper[left + channel]) + fx * Float(upper[right + channel])
                let below =
                  (1 - fx) * Float(lower[left + channel]) + fx * Float(lower[right + channel])
                let value = ((1 - fy) * above + fy * below).rounded(.toNearestOrEven)
                out[(y * width + x) * 3 + channel] = UInt8(min(max(value, 0), 255))
              }
            }
          }
        }
      }
    }
    return PixelRows(width: width, height: height, pixels: pixels)
  }

  /// The two inputs that each output lies between along one axis, and how far it is from the first.
  private struct Taps {
    var low: [Int] = []
    var high: [Int] = []
    var fraction: [Float] = []

    init(from: Int, to: Int) {
      let scale = Float(from) / Float(to)
      for index in 0..<to {
        let position = max(0, scale * (Float(index) + 0.5) - 0.5)
        let first = min(Int(position), from - 1)
        low.append(first)
        high.append(min(first + 1, from - 1))
        fraction.append(min(max(position - Float(first), 0), 1))
      }
    }
  }
}
