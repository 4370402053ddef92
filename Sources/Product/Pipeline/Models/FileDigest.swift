import Crypto
public import Foundation

/// SHA-256 of files of any size.
public enum FileDigest {
  /// In hexadecimal.
  public static func sha256(of file: URL) throws -> String {
    let handle = try FileHandle(forReadingFrom: file)
    defer { try? handle.close() }
    var hash = SHA256()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
    return text(hash.finalize())
  }

  /// In hexadecimal.
  public static func sha256(of data: Data) -> String { text(SHA256.hash(data: data)) }

  private static func text(_ digest: SHA256.Digest) -> String {
    digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
