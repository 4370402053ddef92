import CKernels
import COneDNN
import Synchronization

/// How exactly the products of matrices are made. A model takes the precision that is ``current`` where it is loaded, and
/// keeps it.
public enum Precision: String, Sendable, CaseIterable, Codable {
  /// 32-bit floats, by OpenBLAS and this package's kernels: what comparisons with references are made in. Of weights in
  /// blocks of 4 or 8 bits a few rows at once are multiplied with activations in 16 bits all the same.
  case float32
  /// Factors rounded to bfloat16 and sums in 32 bits, by oneDNN, for weights that are stored as floats; in 32 bits where
  /// oneDNN is not there, or cannot on this processor. Weights in blocks of a few bits are multiplied as `float32` does.
  case bfloat16
  /// The fastest that the processor has: `bfloat16` where that is faster than 32 bits, which oneDNN then does; and for
  /// weights in blocks of 4 or 8 bits activations in 15 bits, with a scale for every 32 of them.
  case auto

  /// That of models that are loaded in this task.
  @TaskLocal public static var current: Precision = .float32

  /// What a library is asked to pack weights of floats for; nil where they are multiplied where they lie.
  var packing: cd_type? {
    switch self {
    case .float32: nil
    case .bfloat16: OneDNN.version == nil ? nil : OneDNN.hasBFloat16 ? CD_BFLOAT16 : CD_FLOAT32
    case .auto: OneDNN.version == nil ? nil : OneDNN.hasFastBFloat16 ? CD_BFLOAT16 : CD_FLOAT32
    }
  }

  /// Whether small layers that are multiplied by this package's own kernels have their factors rounded too.
  package var multipliesPairs: Bool { packing == CD_BFLOAT16 && kernels.panel_product_of_pairs != nil }

  /// Whether activations may be rounded to 15 bits where weights are stored in 8 or fewer.
  var roundsActivations: Bool { self == .auto && kernels.has_byte_products }

  /// Whether the keys and values that a language model has made of a context are kept in 16 bits, which are half as much
  /// to read for every word that is written.
  package var keepsHalves: Bool { self != .float32 }

  /// What changes a model's results beyond the order of additions: empty for 32 bits.
  public var mark: String {
    packing == CD_BFLOAT16 ? multipliesPairs ? "bfloat16, small layers too" : "bfloat16" : ""
  }

  /// What it comes to on this machine, in words.
  public var inWords: String {
    let floats =
      switch packing {
      case CD_BFLOAT16: "bfloat16 by oneDNN \(OneDNN.version ?? "")"
      case CD_FLOAT32: "float32 by oneDNN \(OneDNN.version ?? "")"
      default: "float32 by OpenBLAS for \(BLAS.core)"
      }
    return roundsActivations ? floats + ", whole numbers for blocks" : floats
  }
}

/// The library that multiplies by packed weights, where it is installed.
public enum OneDNN {
  /// nil where it is not there.
  public static let version = cd_version().map { String(cString: $0) }

  /// Whether it multiplies bfloat16 on this processor, fast or not: it does so with AVX-512 alone.
  public static let hasBFloat16 = KernelSet.available.contains("avx512")

  /// Whether bfloat16 is faster than 32-bit floats on this processor: with AMX, or AVX-512 BF16 at full pace.
  public static let hasFastBFloat16 = cd_has_fast_bfloat16()

  /// Shapes that it refused so far, whose products OpenBLAS made.
  public static var refusals: Int { refused.load(ordering: .relaxed) }
  private static let refused = Atomic<Int>(0)

  static func accepted(_ answer: OpaquePointer?) -> OpaquePointer? {
    if answer == nil { refused.wrappingAdd(1, ordering: .relaxed) }
    return answer
  }
}

/// The largest number of rows that a product is made row by row for, each reading all of the other matrix: for more, the
/// matrix is unpacked, or the work is left to a product of matrices. The one place where this is decided.
package enum FewRows {
  package static let most = 4
  /// The same where rows can be multiplied together as bytes.
  static let mostBesideBytes = 1
}

/// The matrix of a layer, packed once for oneDNN in the precision that was asked for.
public final class PackedWeights: Sendable {
  /// Columns of the matrix.
  public let inputs: Int
  /// Rows of the matrix.
  public let outputs: Int
  private let type: cd_type
  /// Of the library; neither is written after `init`.
  private nonisolated(unsafe) let layout: OpaquePointer
  private nonisolated(unsafe) let packed: UnsafeMutableRawPointer
  /// By rows; nil where oneDNN refuses them.
  private let products = Mutex<[Shape: Product?]>([:])

  private struct Shape: Hashable {
    let rows: Int
    let accumulates: Bool
  }

  private struct Product: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  /// Products with fewer values are not worth the library's calls.
  private static let smallest = 1 << 10

  /// - Parameters:
  ///   - outputs: rows of the matrix
  ///   - inputs: columns of the matrix
  ///   - precision: decides what the matrix is packed for, if anything
  ///   - weights: lends the matrix as floats, [outputs, inputs]; not called where nothing is packed
  /// - Returns: nil where the precision packs nothing, or oneDNN refuses the shape
  public init?(
    outputs: Int, inputs: Int, precision: Precision = .current,
    weights: ((UnsafePointer<Float>) -> Void) -> Void
  ) {
    guard let type = precision.packing, outputs * inputs >= Self.smallest,
      let layout = OneDNN.accepted(cd_layout_create(type, inputs, outputs))
    else { return nil }
    let packed = UnsafeMutableRawPointer.allocate(byteCount: cd_layout_bytes(layout), alignment: 64)
    var isPacked = false
    weights { isPacked = cd_layout_pack(layout, $0, packed) }
    guard isPacked else {
      packed.deallocate()
      cd_layout_destroy(layout)
      return nil
    }
    self.inputs = inputs
    self.outputs = outputs
    self.type = type
    self.layout = layout
    self.packed = packed
  }

  deinit {
    products.withLock { products in
      for case let product? in products.values { cd_product_destroy(product.pointer) }
    }
    packed.deallocate()
    cd_layout_destroy(layout)
  }

  /// out = x · weightsᵀ on the calling thread.
  /// - Parameters:
  ///   - x: [rows, inputs], dense
  ///   - rows: of `x` and of `out`
  ///   - accumulate: whether what is in `out` is added to
  ///   - out: [rows, outputs], dense; overwritten, or added to when `accumulate`
  /// - Returns: false, with nothing done, where oneDNN refuses that many rows
  public func multiply(
    _ x: UnsafePointer<Float>, rows: Int, accumulate: Bool = false, into out: UnsafeMutablePointer<Float>
  ) -> Bool {
    guard let product = product(Shape(rows: rows, accumulates: accumulate)) else { return false }
    guard type == CD_BFLOAT16 else { return cd_product_run(product.pointer, x, packed, out) }
    let count = rows * inputs
    return withScratch((count + 1) / 2) { scratch in
      let halves = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
      kernels.bfloats_from_floats(x, halves, count)
      return cd_product_run(product.pointer, halves, packed, out)
    }
  }

  private func product(_ shape: Shape) -> Product? {
    products.withLock { products in
      if let known = products[shape] { return known }
      let made = OneDNN.accepted(cd_product_create(layout, shape.rows, shape.accumulates)).map(Product.init)
      // A refusal is remembered too.
      products.updateValue(made, forKey: shape)
      return made
    }
  }
}
