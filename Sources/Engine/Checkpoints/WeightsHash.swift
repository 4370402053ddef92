import AtomicFiles
import Crypto
package import Foundation
import Tensors

/// What the weights of a model are, to the bit: answers that carry it can be traced to their model.
///
/// Of one file it is the plain SHA-256, as `sha256sum` prints it. Of several it is the SHA-256 of the text
/// that `sha256sum` prints for them, in the order of their names. Reads every byte, each time.
public struct WeightsHash: Sendable, Hashable, CustomStringConvertible {
  /// 64 hexadecimal digits.
  public let hexadecimal: String

  public var description: String { hexadecimal }

  /// Of all files of a checkpoint.
  public init(_ checkpoint: Checkpoint) {
    let files = checkpoint.files
      .map { (name: URL(fileURLWithPath: $0.path).lastPathComponent, file: $0) }
      .sorted { $0.name < $1.name }
    if files.count == 1 {
      hexadecimal = Self.hash(files[0].file)
      return
    }
    var hashes = [String](repeating: "", count: files.count)
    hashes.withUnsafeMutableBufferPointer { hashes in
      let hashes = hashes
      // Every call writes an element of its own.
      Parallel.forEach(files.count) { hashes[$0] = Self.hash(files[$0].file) }
    }
    let list = zip(hashes, files).map { "\($0)  \($1.name)\n" }.joined()
    hexadecimal = SHA256.hash(data: Data(list.utf8)).hexadecimal
  }

  /// Of some of a checkpoint's tensors: their names, types, shapes and values, in the order of the names. Reads
  /// nothing else, so that a part of a large checkpoint has a hash of its own.
  /// - Parameters:
  ///   - checkpoint: whose tensors under `prefix` are read
  ///   - prefix: what their names start with, before a dot
  public init(_ checkpoint: Checkpoint, under prefix: String) throws {
    var hash = SHA256()
    for entry in checkpoint.entries.filter({ $0.name.hasPrefix(prefix + ".") }).sorted(by: { $0.name < $1.name }
    ) {
      hash.update(data: Data("\(entry.name) \(entry.elementType.rawValue) \(entry.shape)\n".utf8))
      try entry.withDenseBytes { bytes, _ in hash.update(bufferPointer: bytes) }
    }
    hexadecimal = hash.finalize().hexadecimal
  }

  private static func hash(_ file: MappedFile) -> String {
    var hash = SHA256()
    file.readAll { hash.update(bufferPointer: $0) }
    return hash.finalize().hexadecimal
  }
}

extension Checkpoint {
  /// ``WeightsHash`` as text.
  public func digest() -> String { WeightsHash(self).hexadecimal }

  /// ``WeightsHash`` of some tensors, as text.
  public func digest(under prefix: String) throws -> String { try WeightsHash(self, under: prefix).hexadecimal }
}

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
    // Each record begins with a header that repeats its name. Of most records nothing else is read.
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
