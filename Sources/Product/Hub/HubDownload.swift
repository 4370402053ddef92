import AsyncHTTPClient
import AtomicFiles
public import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// One file of a repository, on its way to a folder.
struct HubDownload: Sendable {
  let connection: HubConnection
  let listing: HubListing
  let file: HubFile
  /// What it is to become.
  let target: URL

  /// Why a try came to nothing, where another may do better.
  private enum Setback: Error {
    case status(HubConnection.Answer)
    case connection(any Error)
    case wrongSize(got: Int)
    case wrongBytes(host: String)

    /// Whether what has come cannot be continued.
    var isFalsehood: Bool {
      switch self {
      case .wrongSize, .wrongBytes: true
      case .status, .connection: false
      }
    }

    var answer: HubConnection.Answer? {
      if case .status(let answer) = self { answer } else { nil }
    }
  }

  /// Fetches what is missing of the file; under its own name is only ever the whole, verified.
  /// - Parameter progress: called with the bytes that have come since the last call, those of an earlier run not counted;
  ///   negative where some were for nothing
  /// - Throws: ``HubError`` or `AtomicFileError`; what has come is kept unless its bytes are wrong
  func run(progress: @Sendable (Int) -> Void) async throws {
    try OutputFolder.make(target.deletingLastPathComponent())
    guard var output = try ResumableFile.open(target, mark: file.digest.hexadecimal) else {
      throw HubError.inUse(path: target.path)
    }
    var digest = try known(&output)
    var failures = 0
    var falsehoods = 0
    // Not what a try began with: who gives no parts would begin anew for ever.
    var furthest = output.length
    var host = connection.endpoint.host
    var isWhole = false
    while !isWhole {
      do {
        if output.length < file.size || file.size == 0 {
          try await fetch(into: &output, &digest, from: &host, progress: progress)
        }
        guard digest.finalize() == file.digest.hexadecimal else { throw Setback.wrongBytes(host: host) }
        isWhole = true
      } catch let setback as Setback {
        if setback.isFalsehood {
          falsehoods += 1
          progress(-output.length)
          try output.restart()
          digest = .init(for: file.digest, size: file.size)
        }
        // Whoever gives wrong bytes twice will give them a third time.
        if falsehoods >= 2 {
          output.discard()
          throw error(of: setback)
        }
        failures = output.length > furthest ? 1 : failures + 1
        furthest = max(furthest, output.length)
        guard failures < connection.policy.attempts else { throw error(of: setback) }
        try await connection.wait(afterFailures: failures, of: error(of: setback), answer: setback.answer)
      }
    }
    try output.finish()
  }

  /// The hash so far of what an earlier run has left; what cannot be a beginning is forgotten.
  private func known(_ output: inout ResumableFile) throws -> ContentDigest.Accumulator {
    var digest = ContentDigest.Accumulator(for: file.digest, size: file.size)
    if output.length > file.size { try output.restart() }
    try output.forEachPiece { digest.update($0) }
    return digest
  }

  /// One try from where the file ends.
  /// - Parameter host: becomes who gave the bytes
  private func fetch(
    into output: inout ResumableFile, _ digest: inout ContentDigest.Accumulator, from host: inout String,
    progress: (Int) -> Void
  ) async throws {
    let url = try connection.address(of: file, in: listing)
    do {
      let answer = try await connection.get(url, range: output.length)
      host = answer.host
      try file.requireSame(answer.described)
      switch answer.response.status.code {
      case 200 where output.length > 0:
        // It does not do ranges: all comes again.
        progress(-output.length)
        try output.restart()
        digest = .init(for: file.digest, size: file.size)
      case 200: break
      case 206:
        guard answer.rangeStart == output.length else {
          throw Setback.wrongSize(got: output.length)
        }
      case 416: throw Setback.wrongSize(got: output.length)
      default:
        if let error = connection.error(
          of: answer, repository: listing.repository, revision: listing.revision, path: file.path)
        {
          throw error
        }
        throw Setback.status(answer)
      }
      for try await buffer in answer.response.body {
        guard output.length + buffer.readableBytes <= file.size else {
          throw Setback.wrongSize(got: output.length + buffer.readableBytes)
        }
        let data = Data(buffer: buffer)
        try output.append(data)
        digest.update(data)
        progress(data.count)
      }
      // A shorter file than was promised, without a word: the rest is asked for.
      guard output.length == file.size else { throw Setback.connection(Ended(got: output.length)) }
    } catch let error as HubError {
      throw error
    } catch let error as AtomicFileError {
      throw error
    } catch let setback as Setback {
      throw setback
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      try Task.checkCancellation()
      throw Setback.connection(
        error is HubConnection.Lost ? error : HubConnection.Lost(host: host, cause: error))
    }
  }

  private func error(of setback: Setback) -> HubError {
    switch setback {
    case .status(let answer): connection.tooBusy(answer)
    case .connection(let error): connection.unreachable(error)
    case .wrongSize(let got): .wrongSize(path: file.path, expected: file.size, got: got)
    case .wrongBytes(let host): .wrongBytes(path: file.path, host: host)
    }
  }
}

/// The other side stopped before the end.
private struct Ended: Error, CustomStringConvertible {
  let got: Int
  var description: String { "it stops after \(got) bytes" }
}

extension HubFile {
  /// What the hub says of the file where it sends elsewhere for its bytes must be what its list says.
  fileprivate func requireSame(_ described: [String: String]) throws {
    if let told = described["x-linked-size"], Int(told) != size { throw HubError.disagreement(path: path) }
    if case .sha256(let expected) = digest, let tag = described["x-linked-etag"],
      tag.trimmingCharacters(in: CharacterSet(charactersIn: "W/\"")) != expected
    {
      throw HubError.disagreement(path: path)
    }
  }
}

extension HubConnection.Answer {
  /// Where a part begins: `bytes 5-9/10`.
  fileprivate var rangeStart: Int? {
    guard let range = response.headers.first(name: "content-range"), range.lowercased().hasPrefix("bytes ")
    else { return nil }
    return range.dropFirst(6).split(separator: "-").first.flatMap { Int($0) }
  }
}

/// Parts of a repository's files, without a fetch of the whole.
public struct HubParts: Sendable {
  private let connection: HubConnection
  private let listing: HubListing

  init(_ connection: HubConnection, _ listing: HubListing) {
    self.connection = connection
    self.listing = listing
  }

  /// - Parameters:
  ///   - file: as the repository lists it, with its size
  ///   - range: inside the file
  /// - Throws: ``HubError``
  public func read(_ file: HubFile, _ range: Range<Int>) async throws -> Data {
    guard !range.isEmpty else { return Data() }
    let url = try connection.address(of: file, in: listing)
    let isWhole = range == 0..<file.size
    return try await connection.tryingAgain {
      let answer = try await connection.get(
        url, range: range.lowerBound, end: isWhole ? nil : range.upperBound)
      try file.requireSame(answer.described)
      switch answer.response.status.code {
      case 206 where isWhole || answer.rangeStart == range.lowerBound, 200 where isWhole:
        let data = try await bytes(of: answer, file, count: range.count)
        if isWhole {
          var digest = ContentDigest.Accumulator(for: file.digest, size: file.size)
          digest.update(data)
          guard digest.finalize() == file.digest.hexadecimal else {
            throw HubError.wrongBytes(path: file.path, host: answer.host)
          }
        }
        return data
      case 200, 206: throw HubError.noRanges(host: answer.host, path: file.path)
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

  /// - Throws: ``HubError/wrongSize(path:expected:got:)`` for more than was asked for; for less, an error that means that
  ///   it may be tried again
  private func bytes(of answer: HubConnection.Answer, _ file: HubFile, count: Int) async throws -> Data {
    do {
      let body = try await answer.response.body.collect(upTo: count)
      guard body.readableBytes == count else { throw Ended(got: body.readableBytes) }
      return Data(buffer: body)
    } catch is NIOTooManyBytesError {
      throw HubError.wrongSize(path: file.path, expected: count, got: count + 1)
    } catch {
      throw HubConnection.Lost(host: answer.host, cause: error)
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
