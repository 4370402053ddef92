public import Crypto
public import Foundation

/// SHA-256 of files of any size, in hexadecimal as `sha256sum` prints it.
public enum FileDigest {
  /// Of a file's bytes, read piece by piece.
  /// - Throws: what reading throws
  public static func sha256(of file: URL) throws -> String {
    let handle = try FileHandle(forReadingFrom: file)
    defer { try? handle.close() }
    var hash = SHA256()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
    return hash.finalize().hexadecimal
  }

  /// Of bytes in memory.
  public static func sha256(of data: Data) -> String { SHA256.hash(data: data).hexadecimal }
}

extension Digest {
  /// Two digits a byte, in lower case.
  public var hexadecimal: String {
    map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
