package import CKernels

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
