import Crypto
import Foundation
import Tensors

/// What the weights of a model are, to the bit: answers that carry it can be traced to their model.
///
/// Of one file it is the plain SHA-256, as `sha256sum` prints it. Of several it is the SHA-256 of the text
/// that `sha256sum` prints for them, in the order of their names. Reads every byte, each time.
public struct WeightsHash: Sendable, Hashable, CustomStringConvertible {
  /// 64 hexadecimal digits.
  public let hexadecimal: String

  public var description: String { hexadecimal }

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
    hexadecimal = Self.hexadecimal(SHA256.hash(data: Data(list.utf8)))
  }

  /// Of some of a checkpoint's tensors: their names, types, shapes and values, in the order of the names. Reads
  /// nothing else, so that a part of a large checkpoint has a hash of its own.
  /// - Parameter prefix: what their names start with, before a dot
  public init(_ checkpoint: Checkpoint, under prefix: String) throws {
    var hash = SHA256()
    for entry in checkpoint.entries.filter({ $0.name.hasPrefix(prefix + ".") }).sorted(by: { $0.name < $1.name }
    ) {
      hash.update(data: Data("\(entry.name) \(entry.elementType.rawValue) \(entry.shape)\n".utf8))
      try entry.withDenseBytes { bytes, _ in hash.update(bufferPointer: bytes) }
    }
    hexadecimal = Self.hexadecimal(hash.finalize())
  }

  private static func hash(_ file: MappedFile) -> String {
    var hash = SHA256()
    file.readAll { hash.update(bufferPointer: $0) }
    return hexadecimal(hash.finalize())
  }

  private static func hexadecimal(_ digest: SHA256Digest) -> String {
    digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}

extension Checkpoint {
  /// ``WeightsHash`` as text.
  public func digest() -> String { WeightsHash(self).hexadecimal }

  /// ``WeightsHash`` of some tensors, as text.
  public func digest(under prefix: String) throws -> String { try WeightsHash(self, under: prefix).hexadecimal }
}
