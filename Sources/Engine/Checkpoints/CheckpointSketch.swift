package import Foundation

/// What a weight file says of its tensors, without their values: a file of the same size, with the description in its
/// place and holes elsewhere, so that ``Checkpoint`` opens it as it would the whole.
package enum CheckpointSketch {
  /// How a part of the whole file is had.
  package typealias Read = (Range<Int>) async throws -> Data

  /// - Parameters:
  ///   - size: of the whole file, in bytes
  ///   - beginning: how much is read first; most descriptions are shorter
  ///   - ending: how much of the end of a zip archive, where its directory is
  ///   - read: gives the bytes of a range inside it
  /// - Throws: what `read` throws, or where the sketch cannot be written. What is wrong with the file itself is found
  ///   when the sketch is opened.
  package static func write(
    to url: URL, size: Int, beginning: Int = 64 << 10, ending: Int = 96 << 10, read: Read
  ) async throws {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    let handle = try FileHandle(forWritingTo: url)
    defer { try? handle.close() }
    try handle.truncate(atOffset: UInt64(size))
    func put(_ data: Data, at offset: Int) throws {
      try handle.seek(toOffset: UInt64(offset))
      try handle.write(contentsOf: data)
    }
    let start = try await read(0..<min(beginning, size))
    try put(start, at: 0)
    guard size > start.count else { return }
    if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
      try await torch(url, size: size, known: start.count, ending: ending, read: read, put: put)
    } else if start.count >= 8 {
      let length = start.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let end = min(length, UInt64(SafetensorsHeader.longest)) + 8
      if end > UInt64(start.count), end <= UInt64(size) {
        try put(try await read(start.count..<Int(end)), at: start.count)
      }
    }
  }

  /// - Parameter known: how much of the beginning is there already
  private static func torch(
    _ url: URL, size: Int, known: Int, ending: Int, read: Read, put: (Data, Int) throws -> Void
  ) async throws {
    let end = max(known, size - ending)
    try put(try await read(end..<size), end)
    guard let directory = try? ZipArchive.directory(of: MappedFile(url)) else { return }
    if directory.lowerBound < end, directory.lowerBound >= known, directory.count <= SafetensorsHeader.longest {
      try put(try await read(directory.lowerBound..<end), directory.lowerBound)
    }
    let records = (try? ZipArchive.places(in: MappedFile(url))) ?? []
    // Each record begins with a header that repeats its name. Of most records nothing else is looked at.
    for record in records where record.start < directory.lowerBound && Self.isRead(record.name) {
      guard record.size <= TensorUnpickler.longest else { continue }
      let longest = record.start + 30 + 2 * record.name.utf8.count + 4096 + record.size
      let end = min(longest, directory.lowerBound)
      if end > known { try put(try await read(record.start..<end), record.start) }
    }
    for record in records where record.start < directory.lowerBound && !Self.isRead(record.name) {
      try put(ZipArchive.localHeader(named: record.name), record.start)
    }
  }

  private static func isRead(_ record: String) -> Bool {
    record.hasSuffix("/data.pkl") || record.hasSuffix("/byteorder")
  }
}
