import Foundation
import Layers
import Tensors

/// Whose pixels are whose: things take theirs one after the other.
struct ThingClaims {
  /// Of every pixel of the square, in the order in which things took them, from 1; 0 where nothing did.
  private(set) var ids: [Int32]
  private let side: Int

  init(side: Int) {
    self.side = side
    ids = [Int32](repeating: 0, count: side * side)
  }

  /// A mask that was drawn in a box, with as many cells in a row as in a column.
  struct Mask: Sendable {
    /// In pixels of the square, wherever it lies.
    let box: SIMD4<Float>
    /// From 0 to 1, [cells, cells]
    let values: [Float]
    let cells: Int
  }

  struct Claim {
    /// Pixels that are rather inside than outside.
    var inside = 0
    /// Those of them that nothing has taken.
    var free = 0
    /// Of the mask where it is free.
    var mean: Float = 0
  }

  /// Each detection's mask, each on one thread.
  static func drawn(
    _ detections: [(Detection, box: SIMD4<Float>)], by draw: (Detection, SIMD4<Float>) -> Tensor
  ) -> [Mask] {
    guard !detections.isEmpty else { return [] }
    var logits = [Tensor](repeating: Tensor(zeros: [0]), count: detections.count)
    logits.withUnsafeMutableBufferPointer { logits in
      // Each index is written by one thread.
      nonisolated(unsafe) let logits = logits
      Parallel.forEach(detections.count) { index in
        Parallel.$threads.withValue(1) {
          logits[index] = Activation.sigmoid(draw(detections[index].0, detections[index].box))
        }
      }
    }
    return zip(detections, logits).map { detection, values in
      Mask(
        box: detection.box, values: values.values, cells: Int(Double(values.count).squareRoot().rounded()))
    }
  }

  /// What a thing would have; nil where its box lies beyond the square.
  mutating func claim(_ mask: Mask) -> Claim? { lay(mask, as: 0) }

  /// Gives a thing what is free of its mask.
  mutating func take(_ mask: Mask, as id: Int32) { _ = lay(mask, as: id) }

  /// Numbers the things anew.
  /// - Parameter order: their places, first to last
  mutating func renumber(_ order: [Int]) {
    var numbers = [Int32](repeating: 0, count: order.count + 1)
    for (number, place) in order.enumerated() { numbers[place + 1] = Int32(number + 1) }
    ids.withUnsafeMutableBufferPointer { ids in
      for index in ids.indices { ids[index] = numbers[Int(ids[index])] }
    }
  }

  /// Bilinearly between the middles of the mask's cells; towards the box's edges the outer cells go on, and beyond the
  /// box there is nothing.
  private mutating func lay(_ mask: Mask, as id: Int32) -> Claim? {
    let rows = Axis(from: mask.box[1], to: mask.box[3], cells: mask.cells, side: side)
    let columns = Axis(from: mask.box[0], to: mask.box[2], cells: mask.cells, side: side)
    guard !rows.pixels.isEmpty, !columns.pixels.isEmpty else { return nil }
    let width = columns.pixels.count
    var (inside, free, sum) = (0, 0, Float(0))
    withScratch(mask.cells * width) { wide in
      for row in 0..<mask.cells {
        for (x, source) in columns.sources.enumerated() {
          let (low, high) = (row * mask.cells + source.low, row * mask.cells + source.high)
          wide[row * width + x] = (1 - source.share) * mask.values[low] + source.share * mask.values[high]
        }
      }
      ids.withUnsafeMutableBufferPointer { ids in
        guard let ids = ids.baseAddress else { return }
        for (y, source) in zip(rows.pixels, rows.sources) {
          kernels.mask_row(
            wide + source.low * width, wide + source.high * width, source.share, 0.5,
            ids + y * side + columns.pixels.lowerBound, width, id, &inside, &free, &sum)
        }
      }
    }
    return Claim(inside: inside, free: free, mean: sum / Float(max(free, 1)))
  }

  /// Which cells of a mask the pixels of a row or column lie between.
  private struct Axis {
    /// Whose middles are within the box and the square.
    let pixels: Range<Int>
    let sources: [(low: Int, high: Int, share: Float)]

    init(from low: Float, to high: Float, cells: Int, side: Int) {
      let length = max(high - low, 1e-6)
      var (first, sources): (Int?, [(low: Int, high: Int, share: Float)]) = (nil, [])
      for pixel in max(0, min(side, Int(low)))..<max(0, min(side, Int(high) + 1), min(side, Int(low))) {
        let place = (Float(pixel) + 0.5 - low) / length * 2 - 1
        guard abs(place) <= 1 else { continue }
        let cell = min(max(((place + 1) * Float(cells) - 1) / 2, 0), Float(cells - 1))
        if first == nil { first = pixel }
        sources.append((Int(cell), min(Int(cell) + 1, cells - 1), cell - Float(Int(cell))))
      }
      self.sources = sources
      pixels = (first ?? 0)..<(first ?? 0) + sources.count
    }
  }
}
