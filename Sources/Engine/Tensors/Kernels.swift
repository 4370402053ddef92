package import CKernels

/// The kernels in use. `package`, so that layers and stages can call what has no tensor operation.
/// A table of C functions that is never written after its first use, hence safe from every thread.
package nonisolated(unsafe) let kernels: ck_operations = ck_best_operations().pointee
