import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Synchronization

/// The bodies that are held at one moment: together at most so much.
final class HeldBytes: Sendable {
  /// What one request holds, until it is let go.
  final class Share: Sendable {
    private let held: HeldBytes
    private let count = Mutex(0)

    fileprivate init(_ held: HeldBytes) { self.held = held }

    fileprivate func add(_ bytes: Int) throws {
      try held.add(bytes)
      count.withLock { $0 += bytes }
    }

    deinit { held.give(back: count.withLock { $0 }) }
  }

  private let limit: Int
  private let count = Mutex(0)

  init(limit: Int) { self.limit = limit }

  func share() -> Share { Share(self) }

  private func add(_ bytes: Int) throws {
    try count.withLock { count in
      guard count + bytes <= limit else { throw ServeError.heldTooMuch }
      count += bytes
    }
  }

  private func give(back bytes: Int) { count.withLock { $0 -= bytes } }
}

extension Request {
  /// The whole body. No more memory is taken than has come.
  /// - Throws: ``ServeError``
  func wholeBody(_ limits: ServeLimits, _ share: HeldBytes.Share) async throws -> Data {
    if let claimed = headers[.contentLength].flatMap({ Int($0) }), claimed > limits.bodyBytes {
      throw ServeError.bodyTooLarge(limit: limits.bodyBytes)
    }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(limits.bodySeconds)
    var data = Data()
    for try await piece in body {
      guard data.count + piece.readableBytes <= limits.bodyBytes else {
        throw ServeError.bodyTooLarge(limit: limits.bodyBytes)
      }
      guard clock.now < end else { throw ServeError.bodyTooSlow }
      try share.add(piece.readableBytes)
      data.append(contentsOf: piece.readableBytesView)
    }
    return data
  }

  /// Whether the body is of a type; parameters behind it do not matter.
  func hasContent(_ type: String) -> Bool {
    let claimed = headers[.contentType]?.split(separator: ";").first.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard let claimed = claimed?.lowercased() else { return false }
    return type.hasSuffix("/") ? claimed.hasPrefix(type) : claimed == type
  }
}
