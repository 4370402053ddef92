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
    let url = try connection.address(of: file, in: listing)
    let isWhole = range == 0..<file.size
    return try await connection.tryingAgain {
      let answer = try await connection.get(
        url, range: range.lowerBound, end: isWhole ? nil : range.upperBound)
      switch answer.response.status.code {
      case 206,
        200 where isWhole:
        return try await bytes(of: answer, file, count: range.count)
      case 200: throw HubError.noRanges(host: answer.host, path: file.path)
      default:
        if let error = connection.error(
          of: answer, repository: listing.repository, revision: listing.revision, path: file.path)
        {
          throw error
        }
        throw HubConnection.Busy(answer: answer)
      }
    }
  }

  private func bytes(of answer: HubConnection.Answer, _ file: HubFile, count: Int) async throws -> Data {
    do {
      let body = try await answer.response.body.collect(upTo: count)
      guard body.readableBytes == count else {
        throw HubError.wrongSize(path: file.path, expected: count, got: body.readableBytes)
      }
      return Data(buffer: body)
    } catch is NIOTooManyBytesError {
      throw HubError.noRanges(host: connection.endpoint.host, path: file.path)
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
