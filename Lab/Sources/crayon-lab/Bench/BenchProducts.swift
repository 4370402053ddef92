import Annotation
import ArgumentParser
import Foundation
import Tensors
import Terminal

/// What the machine itself can do, by which the speed of models is judged.
struct BenchProducts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "products",
    abstract:
      "Measure products of matrices in every precision, and how fast memory is read: a model's roofline.",
    discussion: "Example:\n  crayon bench products --rows 512 --inner 4096 --columns 4096")

  @Option(help: "Rows of the activations.")
  var rows = 512

  @Option(help: "Their columns: a multiple of 64.")
  var inner = 2048

  @Option(help: "Rows of the weights.")
  var columns = 2048

  @OptionGroup var timing: TimingOptions

  func validate() throws {
    for (name, value) in [("--rows", rows), ("--inner", inner), ("--columns", columns)]
    where !(1...16384).contains(value) {
      throw ValidationError("\(name) is from 1 to 16384.")
    }
    guard inner % 64 == 0 else { throw ValidationError("--inner is a multiple of 64.") }
  }

  func run() throws {
    let x = Tensor(noise(rows * inner), shape: [rows, inner])
    let weights = Tensor(noise(columns * inner), shape: [columns, inner])
    var report = Report(
      rows: rows, inner: inner, columns: columns, threads: Parallel.processors, kernels: KernelSet.inUse,
      blas: BLAS.core, oneDNN: OneDNN.version, hasFastBFloat16: OneDNN.hasFastBFloat16)
    report.gigaflops["float32 by OpenBLAS"] = gigaflops { library(x, weights) }
    for (name, precision) in [("oneDNN as auto has it", Precision.auto), ("bfloat16 by oneDNN", .bfloat16)] {
      report.gigaflops[name] = packed(x, weights, precision)
    }
    let blocks = QuantizedBlocks(rows: columns, columns: inner)
    report.gigaflops["4-bit blocks as floats"] = product(x, blocks, .float32)
    report.gigaflops["4-bit blocks as auto has them"] = product(x, blocks, .auto)
    report.readGigabytesPerSecond = readSpeed()
    if timing.json { return try Console.json(report) }
    report.printTable()
  }

  private func noise(_ count: Int) -> [Float] {
    (0..<count).map { index in
      let scattered = (index &* 2_654_435_761) >> 8 & 0xffff
      return Float(scattered) / 65536 - 0.5
    }
  }

  private func gigaflops(_ work: () -> Void) -> Double {
    2e-9 * Double(rows * inner) * Double(columns) / timing.measure(work).best
  }

  /// Cut by the weights' rows, evenly.
  private func library(_ x: Tensor, _ weights: Tensor) {
    var out = Tensor(shape: [rows, columns]) { _ in }
    out.write { out in
      withValues(of: x, weights) { x, weights in
        Parallel.forEachRange(columns, grain: Parallel.balancedGrain(columns, target: 512)) { range in
          matrixProduct(
            MatrixView(x, stride: inner), MatrixView(weights + range.lowerBound * inner, stride: inner),
            transposed: true, rows: rows, columns: range.count, inner: inner, into: out + range.lowerBound,
            stride: columns)
        }
      }
    }
  }

  private func packed(_ x: Tensor, _ weights: Tensor, _ precision: Precision) -> Double? {
    guard
      let packed = PackedWeights(
        outputs: columns, inputs: inner, precision: precision, weights: { body in weights.read { body($0) } })
    else { return nil }
    var out = Tensor(shape: [rows, columns]) { _ in }
    return gigaflops {
      out.write { out in
        x.read { x in
          Parallel.forEachRange(rows, grain: Parallel.balancedGrain(rows, target: 128)) { range in
            _ = packed.multiply(
              x + range.lowerBound * inner, rows: range.count, into: out + range.lowerBound * columns)
          }
        }
      }
    }
  }

  private func product(_ x: Tensor, _ blocks: QuantizedBlocks, _ precision: Precision) -> Double {
    let matrix = Precision.$current.withValue(precision) { blocks.matrix() }
    return gigaflops { _ = matrix.product(x) }
  }

  /// All threads over more than a cache holds.
  private func readSpeed() -> Double {
    let count = 1 << 26
    let memory = Tensor(zeros: [count])
    // What is read must be of use, or nothing is.
    var sums = Tensor(zeros: [count >> 20])
    let best = timing.measure {
      sums.write { sums in
        memory.read { memory in
          Parallel.forEach(count >> 20) { piece in
            let start = UnsafeRawPointer(memory + piece << 20)
            var sum = SIMD16<Int32>()
            for offset in stride(from: 0, to: 4 << 20, by: 64) {
              sum ^= start.load(fromByteOffset: offset, as: SIMD16<Int32>.self)
            }
            sums[piece] = Float(sum.wrappedSum() & 1)
          }
        }
      }
    }.best
    return Double(count) * 4 / best / 1e9
  }

  private struct Report: Encodable {
    var rows: Int
    var inner: Int
    var columns: Int
    var threads: Int
    var kernels: String
    var blas: String
    var oneDNN: String?
    var hasFastBFloat16: Bool
    /// 10⁹ operations a second, by the way of the product.
    var gigaflops: [String: Double] = [:]
    var readGigabytesPerSecond = 0.0

    func printTable() {
      let library = oneDNN.map { "oneDNN \($0)" } ?? "no oneDNN"
      print("\(rows)×\(inner)×\(columns), \(threads) threads, \(kernels), OpenBLAS for \(blas), \(library)")
      for (name, value) in gigaflops.sorted(by: { $0.key < $1.key }) {
        print(
          "  \(name.padding(toLength: 30, withPad: " ", startingAt: 0)) "
            + String(format: "%8.0f GFLOP/s", value))
      }
      print(
        "  \("reading memory".padding(toLength: 30, withPad: " ", startingAt: 0)) "
          + String(format: "%8.1f GB/s", readGigabytesPerSecond))
    }
  }
}

/// Bytes of a Q4_0 matrix: what they stand for does not matter for a time, but that it is finite.
private final class QuantizedBlocks: Sendable {
  let rows: Int
  let columns: Int
  private let bytes: [UInt8]

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    // A scale of 2^-7 in 16 bits, and the codes.
    let block: [UInt8] = [0, 0x20] + (0..<16).map { UInt8($0 * 17) }
    bytes = Array(repeatElement(block, count: rows * columns / 32).joined())
  }

  func matrix() -> QuantizedMatrix {
    bytes.withUnsafeBytes {
      QuantizedMatrix(.q4_0, rows: rows, columns: columns, bytes: $0, owner: self)
    }
  }
}
