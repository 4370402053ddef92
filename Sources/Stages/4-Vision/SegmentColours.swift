public import CrayonCore
public import Tensors

/// The colours of a segment, by its own pixels: which the patches of a vision tower hardly show where a thing is small.
public enum SegmentColours {
  private static let percentiles = [10, 30, 50, 70, 90]

  /// Values for each segment.
  public static let width = 3 * (2 + percentiles.count) + 4

  /// Of some segments, from 0 to 1: the mean, the deviation and the percentiles of red, green and blue over its pixels, the
  /// picture's mean colour, and the share of the picture that it has. Percentile p is the least value that p in a hundred
  /// pixels do not exceed.
  /// - Precondition: there is a segment, no segment is named twice, and the map has the picture's size.
  /// - Returns: [segments, ``width``]
  public static func measure(_ segments: [Int32], of map: PanopticMap, in image: RGBImage) -> Tensor {
    precondition(map.width == image.width && map.height == image.height)
    let counts = histograms(segments, map, image)
    func channels(_ segment: Int) -> [Channel] {
      (0..<3).map { Channel(counts[(segment * 3 + $0) * 256..<(segment * 3 + $0 + 1) * 256]) }
    }
    let whole = (0..<3 * 256).map { bin in
      stride(from: bin, to: counts.count, by: 3 * 256).reduce(0) { $0 + counts[$1] }
    }
    let everywhere = (0..<3).map { Channel(whole[$0 * 256..<($0 + 1) * 256]).mean }
    let size = Double(map.width * map.height)
    let rows = segments.indices.flatMap { segment in
      let channels = channels(segment)
      let values =
        channels.map(\.mean) + channels.map(\.deviation)
        + channels.flatMap { channel in percentiles.map { channel.percentile($0) } }
        + everywhere + [Double(channels[0].total) / size]
      return values.map(Float.init)
    }
    return Tensor(rows, shape: [segments.count, width])
  }

  /// How often each of 256 values of each channel occurs, [segments + 1, 3, 256]; what belongs to no segment of these is last.
  private static func histograms(_ segments: [Int32], _ map: PanopticMap, _ image: RGBImage) -> [Int] {
    let index = Dictionary(uniqueKeysWithValues: zip(segments, segments.indices))
    var counts = [Int](repeating: 0, count: (segments.count + 1) * 3 * 256)
    map.ids.withUnsafeBufferPointer { ids in
      image.pixels.withUnsafeBufferPointer { pixels in
        counts.withUnsafeMutableBufferPointer { counts in
          var start = 0
          while start < ids.count {
            // By runs: neighbours mostly agree.
            var end = start + 1
            while end < ids.count && ids[end] == ids[start] { end += 1 }
            let first = (index[ids[start]] ?? segments.count) * 3 * 256
            for pixel in start..<end {
              counts[first + Int(pixels[3 * pixel])] += 1
              counts[first + 256 + Int(pixels[3 * pixel + 1])] += 1
              counts[first + 512 + Int(pixels[3 * pixel + 2])] += 1
            }
            start = end
          }
        }
      }
    }
    return counts
  }

  /// A channel's histogram.
  private struct Channel {
    private let counts: ArraySlice<Int>
    let total: Int
    let mean: Double
    let deviation: Double

    init(_ counts: ArraySlice<Int>) {
      self.counts = counts
      total = counts.reduce(0, +)
      let values = zip(counts, 0...).map { (count: Double($0), value: Double($1) / 255) }
      mean = values.reduce(0) { $0 + $1.count * $1.value } / Double(max(total, 1))
      let squares = values.reduce(0) { $0 + $1.count * $1.value * $1.value } / Double(max(total, 1))
      deviation = max(squares - mean * mean, 0).squareRoot()
    }

    func percentile(_ percentile: Int) -> Double {
      var reached = 0
      for (count, value) in zip(counts, 0...) {
        reached += count
        if reached * 100 >= percentile * total { return Double(value) / 255 }
      }
      return 1
    }
  }
}
