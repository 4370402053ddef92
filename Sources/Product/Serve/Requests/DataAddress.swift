import Foundation

/// The bytes of a `data:` address (RFC 2397), which is the one kind of address that a picture may have.
enum DataAddress {
  /// - Parameter type: what the address's media type has to begin with
  /// - Throws: ``ServeError``
  static func bytes(of address: String, type: String = "image/") throws -> Data {
    let scheme = address.prefix { $0 != ":" }
    guard scheme.count < address.count, scheme.count <= 16 else { throw ServeError.notADataAddress }
    guard scheme.lowercased() == "data" else {
      guard scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else {
        throw ServeError.notADataAddress
      }
      throw ServeError.remotePicture(scheme: scheme.lowercased())
    }
    let rest = address.utf8.dropFirst(5)
    // A media type is short; without the limit a long text would be searched for its comma.
    guard let comma = rest.prefix(256).firstIndex(of: UInt8(ascii: ",")) else {
      throw ServeError.notADataAddress
    }
    let head = (String(rest[..<comma]) ?? "").lowercased().split(
      separator: ";", omittingEmptySubsequences: false)
    guard head.last == "base64" else { throw ServeError.badBase64 }
    let claimed = String(head[0])
    guard claimed.hasPrefix(type) || claimed == "application/octet-stream" || head.count == 1 else {
      throw ServeError.notAnImageType(claimed)
    }
    guard let data = Data(base64Encoded: Data(rest[rest.index(after: comma)...])), !data.isEmpty else {
      throw ServeError.badBase64
    }
    return data
  }
}
