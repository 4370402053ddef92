import CKernels
import Synchronization
import Tensors

extension QuantizedMatrix {
  /// The index of a value that is infinite or not a number, the first of its rows, or nil when every value is
  /// finite.
  var firstNonFiniteIndex: Int? {
    let first = Atomic<Int>(.max)
    Parallel.forEachRange(rows, grain: max(1, (1 << 16) / columns)) { range in
      withScratch(range.count * columns) { values in
        dequantize(range, into: values)
        guard !ck_all_finite(values, range.count * columns),
          let index = (0..<range.count * columns).first(where: { !values[$0].isFinite })
        else { return }
        first.min(range.lowerBound * columns + index, ordering: .relaxed)
      }
    }
    let index = first.load(ordering: .relaxed)
    return index == .max ? nil : index
  }
}

extension Tensor {
  /// The index of the first value that is infinite or not a number, or nil when every value is finite.
  /// Reads each value once, at the speed of memory.
  package var firstNonFiniteIndex: Int? {
    let first = Atomic<Int>(.max)
    read { values in
      Parallel.forEachRange(count, grain: 1 << 18) { range in
        guard !ck_all_finite(values + range.lowerBound, range.count),
          let index = range.first(where: { !values[$0].isFinite })
        else { return }
        first.min(index, ordering: .relaxed)
      }
    }
    let index = first.load(ordering: .relaxed)
    return index == .max ? nil : index
  }
}
