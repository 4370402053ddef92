import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationEssentialsCompat
import NIOHTTP1
import NIOPosix

/// Requests to the hub: redirects are followed, and the token stays with the endpoint.
struct HubConnection: Sendable {
  let endpoint: HubEndpoint
  let policy: HubPolicy
  /// Told before each further try what the last one met.
  let retrying: @Sendable (HubError) -> Void
  private let client: HTTPClient

  /// Opens connections for as long as `body` runs.
  static func with<Result: Sendable>(
    _ endpoint: HubEndpoint, _ policy: HubPolicy, retrying: @escaping @Sendable (HubError) -> Void,
    _ body: (HubConnection) async throws -> Result
  ) async throws -> Result {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    let silence = TimeAmount.nanoseconds(Int64(policy.silence / .nanoseconds(1)))
    configuration.timeout = .init(connect: silence, read: silence)
    configuration.decompression = .disabled
    // It is the policy that tries again.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.proxy = endpoint.proxy.map { proxy in
      .server(
        host: proxy.host ?? "", port: proxy.port ?? 80,
        authorization: proxy.user(percentEncoded: false).map {
          .basic(username: $0, password: proxy.password(percentEncoded: false) ?? "")
        })
    }
    let client = HTTPClient(configuration: configuration)
    do {
      let result = try await body(
        HubConnection(endpoint: endpoint, policy: policy, retrying: retrying, client: client))
      try await client.shutdown()
      return result
    } catch {
      try? await client.shutdown()
      throw error
    }
  }

  private static let mostRedirects = 8

  /// What came of a request.
  struct Answer {
    var response: HTTPClientResponse
    /// Who gave it, after all redirects.
    var host: String
    /// The first value that a header had on the way: the hub describes a file where it sends elsewhere for its bytes.
    var described: [String: String]
  }

  /// One try.
  /// - Parameters:
  ///   - range: where it begins
  ///   - end: behind its last byte; nil for the file's end
  /// - Throws: ``HubError``, or the client's errors, which mean that it may be tried again
  func get(_ url: URL, range: Int = 0, end: Int? = nil) async throws -> Answer {
    var url = url
    var described: [String: String] = [:]
    for _ in 0..<Self.mostRedirects {
      var request = HTTPClientRequest(url: url.absoluteString)
      request.headers.add(name: "user-agent", value: "crayon")
      // Hashes and ranges are of the files' own bytes.
      request.headers.add(name: "accept-encoding", value: "identity")
      if range > 0 || end != nil {
        request.headers.add(name: "range", value: "bytes=\(range)-\(end.map { String($0 - 1) } ?? "")")
      }
      if let token = endpoint.token, endpoint.url.isOrigin(of: url) {
        request.headers.add(name: "authorization", value: "Bearer \(token.text)")
      }
      let host = url.host ?? endpoint.host
      let response: HTTPClientResponse
      do {
        response = try await client.execute(request, deadline: .distantFuture)
      } catch {
        throw Lost(host: host, cause: error)
      }
      for name in ["x-linked-etag", "x-linked-size", "x-error-code"] where described[name] == nil {
        described[name] = response.headers.first(name: name)
      }
      guard [301, 302, 303, 307, 308].contains(response.status.code) else {
        return Answer(response: response, host: host, described: described)
      }
      guard let location = response.headers.first(name: "location"),
        let next = URL(string: location, relativeTo: url)?.absoluteURL, let scheme = next.scheme?.lowercased(),
        scheme == "https" || scheme == url.scheme?.lowercased(), next.isReachable
      else {
        throw HubError.badRedirect(host: host, to: response.headers.first(name: "location") ?? "")
      }
      url = next
    }
    throw HubError.tooManyRedirects(host: endpoint.host)
  }

  /// A connection that failed.
  struct Lost: Error {
    /// Who was asked.
    let host: String
    let cause: any Error
  }

  /// What a status that is no success means; nil where it may be tried again. Only the hub itself knows of repositories;
  /// who keeps the bytes for it may refuse for reasons of its own.
  func error(
    of answer: Answer, repository: HubRepository, revision: String, path: String?
  ) -> HubError? {
    let status = Int(answer.response.status.code)
    let code = answer.described["x-error-code"]
    switch (status, code) {
    case (429, _), (500...599, _), (408, _): return nil
    case _ where answer.host != endpoint.host: return .unexpected(host: answer.host, status: status)
    // The hub does not reveal to anonymous clients whether a repository exists.
    case (_, "RepoNotFound"?) where endpoint.token == nil: return .noRepository(repository)
    case (401, _), (403, _): return .refused(repository, token: endpoint.token?.source)
    case (404, "RevisionNotFound"?): return .noRevision(repository, revision: revision)
    case (404, _):
      return path.map { .noFile(repository, path: $0) } ?? .noRepository(repository)
    default: return .unexpected(host: answer.host, status: status)
    }
  }

  /// An answer that means that the other side may do better in a while.
  struct Busy: Error {
    let answer: Answer
  }

  /// Tries until it comes off, as often as the policy says: what the other side was too busy for (``Busy``), or was not
  /// reached for.
  /// - Parameter mostUnreachable: tries where the other side does not answer at all
  /// - Throws: ``HubError``, at once where the attempt throws one; `CancellationError`
  func tryingAgain<Value>(
    mostUnreachable: Int = .max, _ attempt: () async throws -> Value
  ) async throws -> Value {
    var failures = 0
    while true {
      do {
        return try await attempt()
      } catch let error as HubError {
        throw error
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        try Task.checkCancellation()
        failures += 1
        let busy = (error as? Busy)?.answer
        let setback = busy.map(tooBusy) ?? unreachable(error)
        let most = busy == nil ? min(policy.attempts, mostUnreachable) : policy.attempts
        guard failures < most else { throw setback }
        try await wait(afterFailures: failures, of: setback, answer: busy)
      }
    }
  }

  /// Where a file's bytes are.
  /// - Throws: ``HubError/noFile(_:path:)``
  func address(of file: HubFile, in listing: HubListing) throws -> URL {
    let parts =
      [listing.repository.owner, listing.repository.name, "resolve", listing.commit]
      + file.path.split(separator: "/").map(String.init)
    guard let url = endpoint.address(parts) else {
      throw HubError.noFile(listing.repository, path: file.path)
    }
    return url
  }

  /// Waits before another try: as long as the other side asks for, but no longer than the policy allows.
  /// - Parameter error: what the last try met
  func wait(afterFailures failures: Int, of error: HubError, answer: Answer? = nil) async throws {
    retrying(error)
    let asked = answer?.response.headers.first(name: "retry-after").flatMap(Int.init).map {
      Duration.seconds($0)
    }
    let delay = max(policy.delay(after: failures), min(asked ?? .zero, policy.longestDelay))
    try await Task.sleep(for: delay)
  }

  /// The error of an answer that asks to come again later.
  func tooBusy(_ answer: Answer) -> HubError {
    .busy(host: answer.host, status: Int(answer.response.status.code))
  }

  /// The error of a connection that failed.
  func unreachable(_ error: any Error) -> HubError {
    let lost = error as? Lost
    let proxy = endpoint.proxy.map { " (through the proxy \($0.host ?? ""):\($0.port ?? 80))" } ?? ""
    return .unreachable(host: lost?.host ?? endpoint.host, reason: Self.reason(lost?.cause ?? error) + proxy)
  }

  /// A failed connection in words.
  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError where error == .connectTimeout: "it does not answer"
    case let error as HTTPClientError where error == .readTimeout: "it fell silent"
    case let error as HTTPClientError where error == .remoteConnectionClosed: "it cut the connection"
    case let error as HTTPClientError: error.shortDescription
    case is HTTPParserError: "it cut the connection"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { reason($0.error) } ?? "there is no such host, or no network"
    default: "\(error)"
    }
  }
}

extension URL {
  /// Whether another address has the same scheme, host and port.
  fileprivate func isOrigin(of other: URL) -> Bool {
    func port(_ url: URL) -> Int { url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80) }
    return scheme?.lowercased() == other.scheme?.lowercased() && host?.lowercased() == other.host?.lowercased()
      && port(self) == port(other)
  }
}

extension HubConnection {
  /// Longer lists are no repository's.
  private static let longestListing = 64 << 20
  /// Where the hub does not answer at all, a person should soon know.
  private static let mostAttempts = 3

  /// What a repository holds.
  /// - Parameter revision: a branch, a tag or a commit
  /// - Throws: ``HubError``
  func listing(of repository: HubRepository, revision: String) async throws -> HubListing {
    let parts = ["api", "models", repository.owner, repository.name, "revision", revision]
    guard let url = endpoint.address(parts, query: "blobs=true") else {
      throw HubError.noRevision(repository, revision: revision)
    }
    return try await tryingAgain(mostUnreachable: Self.mostAttempts) {
      let answer = try await get(url)
      if answer.response.status == .ok {
        let body: ByteBuffer
        do {
          body = try await answer.response.body.collect(upTo: Self.longestListing)
        } catch is NIOTooManyBytesError {
          throw HubError.badListing(repository, fault: "it is longer than \(Self.longestListing >> 20) MB")
        }
        guard let read = try? JSONDecoder().decode(HubListing.Answer.self, from: Data(buffer: body)) else {
          throw HubError.badListing(repository, fault: "it is not as the hub's are; is HF_ENDPOINT right?")
        }
        return try HubListing(read, of: repository, revision: revision)
      }
      if let error = error(of: answer, repository: repository, revision: revision, path: nil) { throw error }
      throw Busy(answer: answer)
    }
  }
}

/// What a repository holds at one commit.
public struct HubListing: Sendable, Equatable {
  /// On the hub.
  public let repository: HubRepository
  /// What was asked for: a branch, a tag or a commit.
  public let revision: String
  /// What that was when it was asked for.
  public let commit: String
  /// Sorted by path.
  public let files: [HubFile]

  /// The sum of a thousand such files is still a number, and a disk none that has room for one.
  private static let largestFile = 1 << 50

  /// Memberwise.
  public init(repository: HubRepository, revision: String, commit: String, files: [HubFile]) {
    self.repository = repository
    self.revision = revision
    self.commit = commit
    self.files = files.sorted { $0.path < $1.path }
  }

  /// The hub's answer, as far as it matters here; names are the hub's.
  struct Answer: Decodable {
    struct LargeFile: Decodable {
      var sha256: String
      var size: Int
    }
    struct Sibling: Decodable {
      var rfilename: String
      var size: Int?
      var blobId: String?
      var lfs: LargeFile?
    }
    var sha: String
    var siblings: [Sibling]
  }

  /// - Throws: ``HubError/badListing(_:fault:)``
  init(_ answer: Answer, of repository: HubRepository, revision: String) throws {
    func bad(_ fault: String) -> HubError { .badListing(repository, fault: fault) }
    let files = try answer.siblings.map { sibling in
      let size = sibling.lfs?.size ?? sibling.size
      let digest = sibling.lfs.map { ContentDigest.sha256($0.sha256) } ?? sibling.blobId.map { .gitBlob($0) }
      guard let size, size >= 0, let digest, digest.isWellFormed else {
        throw bad("it says neither size nor hash of \(sibling.rfilename)")
      }
      guard size <= Self.largestFile else { throw bad("the size of \(sibling.rfilename) is impossible") }
      let file = HubFile(path: sibling.rfilename, size: size, digest: digest)
      guard file.isWithinFolder else {
        throw bad("the path \(file.path.debugDescription) leads out of a folder")
      }
      return file
    }
    guard ContentDigest.gitBlob(answer.sha).isWellFormed else { throw bad("it names no commit") }
    guard Set(files.map(\.path)).count == files.count else { throw bad("it names a file twice") }
    self.init(repository: repository, revision: revision, commit: answer.sha, files: files)
  }
}
