import CKernels
import Tensors

/// The ways in which the models' own tools resize 8-bit pictures, each as that tool does it.
public enum ResamplingFilter: String, Sendable, CaseIterable, Codable {
  /// `Image.resize(…, BILINEAR)` of Pillow: antialiased.
  case pillowBilinear
  /// `Image.resize(…, BICUBIC)` of Pillow: antialiased.
  case pillowBicubic
  /// torchvision's `Resize(…, antialias=False)` of bytes: torch's `interpolate` with `mode="bilinear"` and
  /// `align_corners=False`, rounded to bytes. Shrinking reads four pixels only.
  case torchBilinear

  /// Resizes rows of 8-bit RGB.
  /// - Parameters:
  ///   - pixels: [height, width, 3]
  ///   - width: of what goes in, in pixels
  ///   - height: of what goes in, in pixels
  ///   - newWidth: of the result, in pixels
  ///   - newHeight: of the result, in pixels
  /// - Returns: [newHeight, newWidth, 3]
  /// - Precondition: `pixels` has that many bytes, and no side is zero.
  public func resize(
    _ pixels: [UInt8], width: Int, height: Int, toWidth newWidth: Int, height newHeight: Int
  ) -> [UInt8] {
    precondition(pixels.count == width * height * 3 && width > 0 && height > 0)
    precondition(newWidth > 0 && newHeight > 0)
    if width == newWidth && height == newHeight { return pixels }
    let source = PixelRows(width: width, height: height, pixels: pixels)
    switch self {
    case .pillowBilinear, .pillowBicubic:
      let kernel: PillowResampling.Kernel = self == .pillowBilinear ? .triangle : .cubic
      return PillowResampling(kernel).resize(source, width: newWidth, height: newHeight).pixels
    case .torchBilinear:
      return TorchResampling.resize(source, width: newWidth, height: newHeight).pixels
    }
  }
}

/// 8-bit RGB, row-major [height, width, 3].
struct PixelRows {
  let width: Int
  let height: Int
  let pixels: [UInt8]
}

/// Resizing of 8-bit pictures as Pillow does it: a filter as wide as the shrinking factor (so shrinking is
/// antialiased), one axis after the other, rounded to bytes in between. Equal to Pillow 13 to the last bit.
struct PillowResampling {
  enum Kernel {
    /// Pillow's `BILINEAR`
    case triangle
    /// Pillow's `BICUBIC`: Keys' kernel with a = −0.5
    case cubic

    /// How far the filter reaches when nothing shrinks, in pixels.
    var support: Double { self == .triangle ? 1 : 2 }

    func weight(_ distance: Double) -> Double {
      let x = abs(distance)
      switch self {
      case .triangle: return max(0, 1 - x)
      case .cubic:
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
      }
    }
  }

  let kernel: Kernel

  init(_ kernel: Kernel) { self.kernel = kernel }

  func resize(_ image: PixelRows, width: Int, height: Int) -> PixelRows {
    // Pillow 13 begins with the rows where that leaves fewer by more than twice the columns that go.
    if height < image.height && image.height - height > 2 * (image.width - width) {
      return columns(rows(image, height: height), width: width)
    }
    return rows(columns(image, width: width), height: height)
  }

  private func columns(_ image: PixelRows, width: Int) -> PixelRows {
    guard width != image.width else { return image }
    let filter = Filter(kernel, from: image.width, to: width)
    return resampled(image, width: width, height: image.height) { pixels, out, range in
      ck_resample_columns(
        pixels + range.lowerBound * image.width * 3, range.count, image.width,
        out + range.lowerBound * width * 3, width, filter.starts, filter.counts, filter.weights,
        filter.taps)
    }
  }

  private func rows(_ image: PixelRows, height: Int) -> PixelRows {
    guard height != image.height else { return image }
    let filter = Filter(kernel, from: image.height, to: height)
    return resampled(image, width: image.width, height: height) { pixels, out, range in
      ck_resample_rows(
        pixels, image.width * 3, out, range.lowerBound, range.upperBound, filter.starts,
        filter.counts, filter.weights, filter.taps)
    }
  }

  /// A picture whose rows a kernel makes, some by each thread.
  private func resampled(
    _ image: PixelRows, width: Int, height: Int,
    _ kernel: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Range<Int>) -> Void
  ) -> PixelRows {
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
      count = width * height * 3
      guard let out = out.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let pixels = pixels.baseAddress else { return }
        Parallel.forEachRange(height, grain: 64) { kernel(pixels, out, $0) }
      }
    }
    return PixelRows(width: width, height: height, pixels: pixels)
  }

  /// Which inputs make up each output along one axis, in 2^-22ths.
  private struct Filter {
    var starts: [Int32] = []
    var counts: [Int32] = []
    var weights: [Int32] = []
    let taps: Int

    init(_ kernel: Kernel, from: Int, to: Int) {
      let scale = Double(from) / Double(to)
      let stretch = max(scale, 1)
      let support = kernel.support * stretch
      taps = Int(support.rounded(.up)) * 2 + 1
      for index in 0..<to {
        let centre = (Double(index) + 0.5) * scale
        let first = max(0, Int(centre - support + 0.5))
        let last = min(from, Int(centre + support + 0.5))
        let raw = (first..<last).map { kernel.weight((Double($0) - centre + 0.5) / stretch) }
        let sum = raw.reduce(0, +)
        let fixed = raw.map { Int32(($0 / sum * 4_194_304).rounded(.toNearestOrAwayFromZero)) }
        starts.append(Int32(first))
        counts.append(Int32(fixed.count))
        weights += fixed
        weights += Array(repeating: 0, count: taps - fixed.count)
      }
    }
  }
}

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
