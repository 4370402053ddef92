import Crypto
public import Foundation

/// A repository as the hub serves it.
public struct PublishedModel: Sendable {
  public static let commit = String(repeating: "c0ffee00", count: 5)

  public var repository: String
  /// Large files, which the hub sends elsewhere for, by path.
  public var large: [String: Data]
  public var small: [String: Data]

  public init(_ repository: String = "owner/model", large: [String: Data] = [:], small: [String: Data] = [:]) {
    self.repository = repository
    self.large = large
    self.small = small
  }

  public static func bytes(_ count: Int, seed: UInt8 = 1) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8)) &+ seed })
  }

  static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  public static func sha256(_ data: Data) -> String { hexadecimal(SHA256.hash(data: data)) }

  public static func gitBlob(_ data: Data) -> String {
    hexadecimal(Insecure.SHA1.hash(data: Data("blob \(data.count)\0".utf8) + data))
  }

  /// The answer to a request for the list or for a file; all goes well.
  public func answer(_ request: HubServer.Request) -> HubServer.Answer {
    if request.path.hasPrefix("/api/models/\(repository)/revision/") { return .init(body: listing) }
    if request.path.hasPrefix("/elsewhere/\(repository)/"),
      let data = large[String(request.path.dropFirst("/elsewhere/\(repository)/".count))]
    {
      return Self.file(data, request)
    }
    let resolve = "/\(repository)/resolve/\(Self.commit)/"
    if request.path.hasPrefix(resolve) {
      let path = String(request.path.dropFirst(resolve.count))
      if let data = small[path] { return Self.file(data, request) }
      if let data = large[path] {
        return .init(
          status: .found,
          headers: [
            ("location", "/elsewhere/\(repository)/\(path)"), ("x-linked-etag", "\"\(Self.sha256(data))\""),
            ("x-linked-size", "\(data.count)"), ("x-repo-commit", Self.commit),
          ])
      }
      return .init(status: .notFound, headers: [("x-error-code", "EntryNotFound")])
    }
    return .init(status: .notFound, headers: [("x-error-code", "RepoNotFound")])
  }

  /// All of a file, or what a range asks for.
  public static func file(_ data: Data, _ request: HubServer.Request) -> HubServer.Answer {
    let (offset, end) = (request.offset, min(request.end ?? data.count, data.count))
    guard offset > 0 || request.end != nil else { return .init(body: data) }
    guard offset < end else { return .init(status: .rangeNotSatisfiable) }
    return .init(
      status: .partialContent, headers: [("content-range", "bytes \(offset)-\(end - 1)/\(data.count)")],
      body: Data(data[offset..<end]))
  }

  private var listing: Data {
    let siblings: [[String: Any]] =
      large.map { path, data in
        [
          "rfilename": path, "size": data.count, "blobId": String(repeating: "0", count: 40),
          "lfs": ["sha256": Self.sha256(data), "size": data.count, "pointerSize": 135],
        ]
      } + small.map { ["rfilename": $0, "size": $1.count, "blobId": Self.gitBlob($1)] }
    let answer: [String: Any] = ["id": repository, "sha": Self.commit, "siblings": siblings]
    return (try? JSONSerialization.data(withJSONObject: answer)) ?? Data()
  }
}
