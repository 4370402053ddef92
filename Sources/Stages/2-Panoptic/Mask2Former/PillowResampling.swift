import CKernels
package import CrayonCore
import Tensors

/// Bilinear resizing of 8-bit pictures as Pillow does it: a triangle filter as wide as the shrinking factor
/// (so shrinking is antialiased), one axis after the other, rounded to bytes in between.
package enum PillowResampling {
  /// The picture at another size; equal to `Image.resize(…, BILINEAR)` of Pillow 13 to the last bit.
  package static func resize(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
    // Shrinking goes before stretching, and columns before rows where both do the same.
    if width > image.width && height < image.height {
      return columns(rows(image, height: height), width: width)
    }
    return rows(columns(image, width: width), height: height)
  }

  private static func columns(_ image: RGBImage, width: Int) -> RGBImage {
    guard width != image.width else { return image }
    let filter = Filter(from: image.width, to: width)
    return resampled(image, width: width, height: image.height) { pixels, out, range in
      ck_resample_columns(
        pixels + range.lowerBound * image.width * 3, range.count, image.width,
        out + range.lowerBound * width * 3, width, filter.starts, filter.counts, filter.weights,
        filter.taps)
    }
  }

  private static func rows(_ image: RGBImage, height: Int) -> RGBImage {
    guard height != image.height else { return image }
    let filter = Filter(from: image.height, to: height)
    return resampled(image, width: image.width, height: height) { pixels, out, range in
      ck_resample_rows(
        pixels, image.width * 3, out, range.lowerBound, range.upperBound, filter.starts,
        filter.counts, filter.weights, filter.taps)
    }
  }

  /// A picture whose rows a kernel makes, some by each thread.
  private static func resampled(
    _ image: RGBImage, width: Int, height: Int,
    _ kernel: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Range<Int>) -> Void
  ) -> RGBImage {
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
      count = width * height * 3
      guard let out = out.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let pixels = pixels.baseAddress else { return }
        Parallel.forEachRange(height, grain: 64) { kernel(pixels, out, $0) }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  /// Which inputs make up each output along one axis, in 2^-22ths.
  private struct Filter {
    var starts: [Int32] = []
    var counts: [Int32] = []
    var weights: [Int32] = []
    let taps: Int

    init(from: Int, to: Int) {
      let scale = Double(from) / Double(to)
      let stretch = max(scale, 1)
      taps = Int(stretch.rounded(.up)) * 2 + 1
      for index in 0..<to {
        let centre = (Double(index) + 0.5) * scale
        let first = max(0, Int(centre - stretch + 0.5))
        let last = min(from, Int(centre + stretch + 0.5))
        let raw = (first..<last).map { max(0, 1 - abs((Double($0) - centre + 0.5) / stretch)) }
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
