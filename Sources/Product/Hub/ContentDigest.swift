import AtomicFiles
import Crypto
public import Foundation

/// By what the hub says that a file's bytes are the right ones.
public enum ContentDigest: Sendable, Hashable, Codable {
  /// Of large files: SHA-256 of the bytes, in hexadecimal.
  case sha256(String)
  /// Of small ones: the name that git gives them, SHA-1 of `blob <size>`, a zero byte and the bytes, in hexadecimal.
  case gitBlob(String)

  private static let prefixes = (sha256: "sha256:", gitBlob: "git:")

  /// Written as "sha256:…" or "git:…".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    if text.hasPrefix(Self.prefixes.sha256) {
      self = .sha256(String(text.dropFirst(Self.prefixes.sha256.count)))
    } else if text.hasPrefix(Self.prefixes.gitBlob) {
      self = .gitBlob(String(text.dropFirst(Self.prefixes.gitBlob.count)))
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no digest")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .sha256(let text): try container.encode(Self.prefixes.sha256 + text)
    case .gitBlob(let text): try container.encode(Self.prefixes.gitBlob + text)
    }
  }

  /// In hexadecimal.
  public var hexadecimal: String {
    switch self {
    case .sha256(let text), .gitBlob(let text): text
    }
  }

  /// Whether it has the length and the digits of its kind.
  var isWellFormed: Bool {
    let count =
      switch self {
      case .sha256: 64
      case .gitBlob: 40
      }
    return hexadecimal.utf8.count == count && hexadecimal.allSatisfy { $0.isHexDigit && !$0.isUppercase }
  }

  /// Takes in a file's bytes, piece by piece.
  struct Accumulator {
    private enum State {
      case sha256(SHA256)
      case gitBlob(Insecure.SHA1)
    }
    private var state: State

    /// - Parameter size: of the file, in bytes
    init(for digest: ContentDigest, size: Int) {
      switch digest {
      case .sha256: state = .sha256(SHA256())
      case .gitBlob:
        var hash = Insecure.SHA1()
        hash.update(data: Data("blob \(size)\0".utf8))
        state = .gitBlob(hash)
      }
    }

    mutating func update(_ data: Data) {
      switch state {
      case .sha256(var hash):
        hash.update(data: data)
        state = .sha256(hash)
      case .gitBlob(var hash):
        hash.update(data: data)
        state = .gitBlob(hash)
      }
    }

    /// In hexadecimal.
    func finalize() -> String {
      switch state {
      case .sha256(let hash): hash.finalize().hexadecimal
      case .gitBlob(let hash): hash.finalize().hexadecimal
      }
    }
  }
}

extension ContentDigest {
  /// Whether a file has these bytes. Reads all of it.
  public func matches(_ file: URL, size: Int) throws -> Bool {
    let handle = try FileHandle(forReadingFrom: file)
    defer { try? handle.close() }
    var accumulator = Accumulator(for: self, size: size)
    while let piece = try handle.read(upToCount: 1 << 22), !piece.isEmpty { accumulator.update(piece) }
    return accumulator.finalize() == hexadecimal
  }
}
