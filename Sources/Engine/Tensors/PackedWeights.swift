import COneDNN
import Synchronization

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
