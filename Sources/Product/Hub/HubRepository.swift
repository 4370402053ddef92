/// A model's repository on the hub, as `owner/name`.
public struct HubRepository: Sendable, Hashable, Codable, CustomStringConvertible {
  public let owner: String
  public let name: String

  public var description: String { "\(owner)/\(name)" }

  /// - Throws: ``HubError/badRepository(_:)`` for what the hub would not take as a name
  public init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy(Self.isName) else { throw HubError.badRepository(text) }
    owner = parts[0]
    name = parts[1]
  }

  /// Letters, digits, and between them `-`, `_` and `.`; so a name never leads out of a folder.
  private static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard (1...96).contains(bytes.count), let first = bytes.first, let last = bytes.last, isPlain(first),
      isPlain(last)
    else { return false }
    return bytes.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
  }

  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
