import Tensors

extension Checkpoint {
  /// Reads every floating-point value once, and gives the memory back.
  /// - Parameter progress: called with the bytes that have been read
  /// - Throws: ``CheckpointError/notFinite(path:name:index:)`` for the first value that is infinite or not a number
  public func requireFinite(progress: (Int) -> Void = { _ in }) throws {
    var done = 0
    for entry in entries {
      if FloatConversion(from: entry.elementType) != nil, let index = try tensor(entry.name).firstNonFiniteIndex
      {
        throw CheckpointError.notFinite(path: path, name: entry.name, index: index)
      }
      entry.file.release(entry.range)
      done += entry.range.count
      progress(done)
    }
  }
}
