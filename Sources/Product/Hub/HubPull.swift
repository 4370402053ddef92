import AtomicFiles
public import Foundation
import Synchronization

/// Brings a repository, or what is wanted of it, into a folder.
public struct HubPull: Sendable {
  /// One repository and where it goes.
  public struct Order: Sendable {
    public var repository: HubRepository
    public var revision: String
    public var selection: HubSelection
    public var folder: URL

    public init(repository: HubRepository, revision: String, selection: HubSelection, folder: URL) {
      self.repository = repository
      self.revision = revision
      self.selection = selection
      self.folder = folder
    }
  }

  /// What is to be done for an order.
  public struct Plan: Sendable {
    public let order: Order
    public let listing: HubListing
    /// All that is wanted.
    public let files: [HubFile]
    /// Of these, what is there already, whole and the same.
    public let kept: [HubFile]

    public var missing: [HubFile] {
      let paths = Set(kept.map(\.path))
      return files.filter { !paths.contains($0.path) }
    }

    /// Bytes that are yet to come.
    public var remaining: Int {
      missing.reduce(0) { sum, file in
        let target = order.folder.appendingPathComponent(file.path)
        let part = ResumableFile.part(of: target, mark: file.digest.hexadecimal).sizeOfFile ?? 0
        return sum + (part <= file.size ? file.size - part : file.size)
      }
    }
  }

  /// How far all orders are.
  public struct Progress: Sendable {
    public var done: Int
    public var total: Int
    public var filesDone: Int
    public var files: Int
  }

  public let endpoint: HubEndpoint
  public let policy: HubPolicy
  let retrying: @Sendable (HubError) -> Void
  private let freeBytes: @Sendable (URL) -> Int?

  /// - Parameters:
  ///   - retrying: told before each further try what the last one met; from several tasks at once
  ///   - freeBytes: that a disk has for a folder; nil where nobody knows
  public init(
    _ endpoint: HubEndpoint, policy: HubPolicy = HubPolicy(),
    retrying: @escaping @Sendable (HubError) -> Void = { _ in },
    freeBytes: @escaping @Sendable (URL) -> Int? = Self.freeBytes
  ) {
    self.endpoint = endpoint
    self.policy = policy
    self.retrying = retrying
    self.freeBytes = freeBytes
  }

  /// Asks the hub what there is, and looks at what is there already. Nothing is written.
  /// - Throws: ``HubError``
  public func plan(_ orders: [Order]) async throws -> [Plan] {
    try await HubConnection.with(endpoint, policy, retrying: retrying) { connection in
      var plans: [Plan] = []
      for order in orders {
        let listing = try await connection.listing(of: order.repository, revision: order.revision)
        let files = try order.selection.files(of: listing)
        let receipt = HubReceipt(folder: order.folder)
        if let receipt, receipt.repository != order.repository {
          throw HubError.anotherRepository(
            folder: order.folder.path, has: receipt.repository, wanted: order.repository)
        }
        let kept = files.filter { $0.isWhole(in: order.folder, receipt: receipt) }
        plans.append(Plan(order: order, listing: listing, files: files, kept: kept))
      }
      return plans
    }
  }

  /// Makes sure of the room, and fetches what is missing, several files at once.
  /// - Throws: ``HubError`` or `AtomicFileError` of the first file that cannot be had; `CancellationError`. What has come
  ///   is kept, and another call goes on with it.
  public func run(_ plans: [Plan], progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws {
    try checkSpace(plans)
    let files = plans.flatMap { plan in plan.missing.map { (plan, $0) } }
    let tally = Tally(
      Progress(done: 0, total: files.reduce(0) { $0 + $1.1.size }, filesDone: 0, files: files.count), progress)
    let jobs = max(policy.jobs, 1)
    try await HubConnection.with(endpoint, policy, retrying: retrying) { connection in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, (plan, file)) in files.enumerated() {
          if index >= jobs { try await group.next() }
          let download = HubDownload(
            connection: connection, listing: plan.listing, file: file,
            target: plan.order.folder.appendingPathComponent(file.path))
          group.addTask {
            try await download.run { bytes in tally.report { $0.done += bytes } }
            tally.report { $0.filesDone += 1 }
          }
        }
        try await group.waitForAll()
      }
    }
    for plan in plans {
      let receipt = HubReceipt(plan.listing, plan.files)
      if HubReceipt(folder: plan.order.folder) != receipt { try receipt.write(to: plan.order.folder) }
    }
  }

  /// Adds up what several files report; behind a lock.
  private final class Tally: Sendable {
    private let state: Mutex<Progress>
    private let heard: @Sendable (Progress) -> Void

    init(_ start: Progress, _ heard: @escaping @Sendable (Progress) -> Void) {
      state = Mutex(start)
      self.heard = heard
      heard(start)
    }

    func report(_ change: (inout Progress) -> Void) {
      heard(
        state.withLock { state in
          change(&state)
          return state
        })
    }
  }

  /// - Throws: ``HubError/noSpace(folder:needed:free:)``
  private func checkSpace(_ plans: [Plan]) throws {
    guard let folder = plans.first?.order.folder else { return }
    let needed = plans.reduce(0) { $0 + $1.remaining }
    guard let free = freeBytes(folder), needed > free else { return }
    throw HubError.noSpace(folder: folder.deletingLastPathComponent().path, needed: needed, free: free)
  }

  /// Of the disk that a folder is on, or will be on.
  @Sendable public static func freeBytes(_ folder: URL) -> Int? {
    var folder = folder.standardizedFileURL
    while !FileManager.default.fileExists(atPath: folder.path), folder.pathComponents.count > 1 {
      folder.deleteLastPathComponent()
    }
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
    return attributes?[.systemFreeSize] as? Int
  }
}

extension HubFile {
  /// Whether a folder has it. What its receipt vouches for is not read again.
  fileprivate func isWhole(in folder: URL, receipt: HubReceipt?) -> Bool {
    let url = folder.appendingPathComponent(path)
    guard url.sizeOfFile == size else { return false }
    if receipt?.files[path] == HubReceipt.File(size: size, digest: digest) { return true }
    return (try? digest.matches(url, size: size)) == true
  }
}
