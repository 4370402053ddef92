import OpenBLASLibrary

/// A row-major matrix somewhere in memory: the address of its first value, and how far apart its rows are.
package struct MatrixView {
  package var values: UnsafePointer<Float>
  package var stride: Int

  package init(_ values: UnsafePointer<Float>, stride: Int) {
    self.values = values
    self.stride = stride
  }
}

/// c = alpha · a · b (or a · bᵀ) on the calling thread. Callers cut the work for several threads
/// themselves, so that the cuts, and with them the rounding, do not depend on the number of threads.
/// - Parameters:
///   - a: [rows, inner]
///   - b: [inner, columns], or [columns, inner] when `transposed`
///   - c: [rows, columns], overwritten, or added to when `accumulate`
package func matrixProduct(
  _ a: MatrixView, _ b: MatrixView, transposed: Bool, rows: Int, columns: Int, inner: Int,
  alpha: Float = 1, accumulate: Bool = false, into c: UnsafeMutablePointer<Float>, stride: Int
) {
  _ = BLAS.onlyCallingThread
  cblas_sgemm(
    CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
    blasint(rows), blasint(columns), blasint(inner), alpha,
    a.values, blasint(a.stride), b.values, blasint(b.stride),
    accumulate ? 1 : 0, c, blasint(stride))
}

/// The library behind ``matrixProduct(_:_:transposed:rows:columns:inner:alpha:accumulate:into:stride:)``.
public enum BLAS {
  /// The processor that its kernels are for, as OpenBLAS names it. It chooses them itself, or by the environment
  /// variable `OPENBLAS_CORETYPE`.
  public static var core: String { String(cString: openblas_get_corename()) }

  /// Set once, on first use: the library's own threads would fight with ours.
  fileprivate static let onlyCallingThread: Void = openblas_set_num_threads(1)
}
