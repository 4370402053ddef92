import CKernels
import Tensors

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
