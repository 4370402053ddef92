package import CKernels
import OpenBLASLibrary

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A row-major matrix somewhere in memory: the address of its first value, and how far apart its rows are.
public struct MatrixView {
  /// The first value of the first row.
  public var values: UnsafePointer<Float>
  /// Values from the start of a row to the start of the next.
  public var stride: Int

  /// A view of memory that the caller keeps alive.
  public init(_ values: UnsafePointer<Float>, stride: Int) {
    self.values = values
    self.stride = stride
  }
}

/// c = alpha · a · b (or a · bᵀ) on the calling thread. Callers cut the work for several threads
/// themselves, so that the cuts, and with them the rounding, do not depend on the number of threads.
/// - Parameters:
///   - a: [rows, inner]
///   - b: [inner, columns], or [columns, inner] when `transposed`
///   - transposed: whether `b` lies with a row for each column of `c`
///   - rows: of `a` and of `c`
///   - columns: of `c`
///   - inner: values that are multiplied and summed for one of `c`
///   - alpha: what the product is multiplied by; what is added to is not
///   - accumulate: whether what is in `c` is added to
///   - c: [rows, columns], overwritten, or added to when `accumulate`
///   - stride: values from the start of a row of `c` to the start of the next
public func matrixProduct(
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
  /// The processor that its kernels are for, as OpenBLAS names it: its own choice, or that of the environment variable
  /// `OPENBLAS_CORETYPE`; where it does not know the processor, one that has the same instructions.
  public static var core: String {
    _ = onlyCallingThread
    return String(cString: openblas_get_corename())
  }

  /// Set once, on first use: the library's own threads would fight with ours.
  fileprivate static let onlyCallingThread: Void = {
    chooseKnownProcessor()
    openblas_set_num_threads(1)
  }()

  /// Cores of OpenBLAS whose kernels use no more than 128 bits of a vector register.
  private static let narrow: Set = [
    "Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Atom", "Nano", "Opteron", "Opteron_SSE3",
    "Barcelona", "Bobcat",
  ]

  /// A processor that is newer than the library is taken for one of 2004, at a tenth of its speed. The library has
  /// no call for another choice; it makes it anew when its table is emptied.
  private static func chooseKnownProcessor() {
    let known = [("avx512", "SkylakeX"), ("avx2", "Haswell")]
    guard let core = known.first(where: { KernelSet.available.contains($0.0) })?.1,
      getenv("OPENBLAS_CORETYPE") == nil, narrow.contains(String(cString: openblas_get_corename())),
      let library = dlopen(nil, RTLD_NOW)
    else { return }
    defer { dlclose(library) }
    typealias Step = @convention(c) () -> Void
    guard let forget = dlsym(library, "gotoblas_dynamic_quit"),
      let choose = dlsym(library, "gotoblas_dynamic_init")
    else { return }
    setenv("OPENBLAS_CORETYPE", core, 1)
    unsafeBitCast(forget, to: Step.self)()
    unsafeBitCast(choose, to: Step.self)()
    unsetenv("OPENBLAS_CORETYPE")
  }
}

/// The kernels in use. `package`, so that layers and stages can call what has no tensor operation.
/// A table of C functions that is never written after its first use, hence safe from every thread.
package nonisolated(unsafe) let kernels: ck_operations = ck_best_operations().pointee

/// The sets of kernels: one for each family of instructions, of which the best that the processor has is in
/// use, or the one that the environment variable `CRAYON_KERNELS` names.
public enum KernelSet {
  /// The names of those that this processor can run, the best last.
  public static var available: [String] {
    (0...).lazy.map { ck_available_operations($0) }.prefix { $0 != nil }.compactMap { operations in
      operations.map { String(cString: $0.pointee.name) }
    }
  }

  /// The name of the one in use.
  public static var inUse: String { String(cString: kernels.name) }
}
