import CKernels
import CrayonCore
import Tensors

/// Bilinear resizing of 8-bit pictures as Pillow does it: a triangle filter as wide as the shrinking factor
/// (so shrinking is antialiased), columns first, then rows, rounded to bytes in between.
enum PillowResampling {
  /// The picture at another size; equal to `Image.resize(…, BILINEAR)` to the last bit.
  static func resize(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
    guard width != image.width || height != image.height else { return image }
    let columns = Filter(from: image.width, to: width)
    let rows = Filter(from: image.height, to: height)
    let narrow = [UInt8](unsafeUninitializedCapacity: width * 3 * image.height) { out, count in
      count = width * 3 * image.height
      guard let out = out.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let pixels = pixels.baseAddress else { return }
        Parallel.forEachRange(image.height, grain: 64) { range in
          ck_resample_columns(
            pixels + range.lowerBound * image.width * 3, range.count, image.width,
            out + range.lowerBound * width * 3, width, columns.starts, columns.counts,
            columns.weights, columns.taps)
        }
      }
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: width * 3 * height) { out, count in
      count = width * 3 * height
      guard let out = out.baseAddress else { return }
      narrow.withUnsafeBufferPointer { narrow in
        Parallel.forEachRange(height, grain: 64) { range in
          ck_resample_rows(
            narrow.baseAddress, width * 3, out, range.lowerBound, range.upperBound, rows.starts,
            rows.counts, rows.weights, rows.taps)
        }
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
