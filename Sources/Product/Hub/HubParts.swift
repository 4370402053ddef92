public import Foundation
import NIOCore
import NIOFoundationCompat

/// Parts of a repository's files, without a fetch of the whole.
public struct HubParts: Sendable {
  private let connection: HubConnection
  private let listing: HubListing

  init(_ connection: HubConnection, _ listing: HubListing) {
    self.connection = connection
    self.listing = listing
  }

  /// - Parameter range: inside the file
  /// - Throws: ``HubError``
  public func read(_ file: HubFile, _ range: Range<Int>) async throws -> Data {
    guard !range.isEmpty else { return Data() }
    let parts =
      [listing.repository.owner, listing.repository.name, "resolve", listing.commit]
      + file.path.split(separator: "/").map(String.init)
    guard let url = connection.endpoint.address(parts) else {
      throw HubError.noFile(listing.repository, path: file.path)
    }
    var failures = 0
    while true {
      var answer: HubConnection.Answer?
      let setback: HubError
      do {
        let isWhole = range == 0..<file.size
        let got = try await connection.get(url, range: range.lowerBound, end: isWhole ? nil : range.upperBound)
        answer = got
        switch got.response.status.code {
        case 206,
          200 where isWhole:
          let body = try await got.response.body.collect(upTo: range.count)
          guard body.readableBytes == range.count else {
            throw HubError.wrongSize(path: file.path, expected: range.count, got: body.readableBytes)
          }
          return Data(buffer: body)
        case 200: throw HubError.noRanges(host: got.host, path: file.path)
        default:
          if let error = connection.error(
            of: got, repository: listing.repository, revision: listing.revision, path: file.path)
          {
            throw error
          }
          setback = connection.tooBusy(got)
        }
      } catch let error as HubError {
        throw error
      } catch is CancellationError {
        throw CancellationError()
      } catch is NIOTooManyBytesError {
        throw HubError.noRanges(host: connection.endpoint.host, path: file.path)
      } catch {
        try Task.checkCancellation()
        setback = connection.unreachable(error)
      }
      failures += 1
      guard failures < connection.policy.attempts else { throw setback }
      try await connection.wait(afterFailures: failures, of: setback, answer: answer)
    }
  }
}

extension HubPull {
  /// Opens connections for as long as `body` runs, to read parts of a plan's files.
  public func parts<Result: Sendable>(
    of plan: Plan, _ body: @Sendable (HubParts) async throws -> Result
  ) async throws -> Result {
    try await HubConnection.with(endpoint, policy, retrying: retrying) { connection in
      try await body(HubParts(connection, plan.listing))
    }
  }
}
