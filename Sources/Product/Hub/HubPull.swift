import AtomicFiles
public import Foundation
import Synchronization

/// Brings a repository, or what is wanted of it, into a folder.
public struct HubPull: Sendable {
  /// One repository and where it goes.
  public struct Order: Sendable {
    /// On the hub.
    public var repository: HubRepository
    /// A branch, a tag or a commit.
    public var revision: String
    /// Which of its files.
    public var selection: HubSelection
    /// Where they go.
    public var folder: URL

    /// Memberwise.
    public init(repository: HubRepository, revision: String, selection: HubSelection, folder: URL) {
      self.repository = repository
      self.revision = revision
      self.selection = selection
      self.folder = folder
    }
  }

  /// What is to be done for an order.
  public struct Plan: Sendable {
    /// What was asked for.
    public let order: Order
    /// What the hub has, at one commit.
    public let listing: HubListing
    /// All that is wanted.
    public let files: [HubFile]
    /// Of these, what is there already, whole and the same.
    public let kept: [HubFile]

    /// Files that are not there yet, or are others.
    public var missing: [HubFile] {
      let paths = Set(kept.map(\.path))
      return files.filter { !paths.contains($0.path) }
    }

    /// Bytes that are yet to come.
    public var remaining: Int {
      missing.reduce(0) { sum, file in
        let there = part(of: file).sizeOfFile ?? 0
        return sum + (there <= file.size ? file.size - there : file.size)
      }
    }

    /// What a file is until it is whole.
    func part(of file: HubFile) -> URL {
      ResumableFile.part(
        of: order.folder.appendingPathComponent(file.path), mark: file.digest.hexadecimal)
    }
  }

  /// How far all orders are.
  public struct Progress: Sendable {
    /// In bytes.
    public var done: Int
    /// Of these, what there was before.
    public var kept: Int
    /// In bytes.
    public var total: Int
    /// That are whole.
    public var filesDone: Int
    /// In all.
    public var files: Int
  }

  /// Which hub.
  public let endpoint: HubEndpoint
  /// How long to wait, how often to try.
  public let policy: HubPolicy
  let retrying: @Sendable (HubError) -> Void
  private let freeBytes: @Sendable (URL) -> Int?

  /// - Parameters:
  ///   - endpoint: the hub to ask, and the token to send it
  ///   - policy: how many files at once, how often to try, how long to wait
  ///   - retrying: called before each further try with the last one's error; from several tasks at once
  ///   - freeBytes: that a disk has for a folder; nil where it is not known
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

  /// Asks the hub what there is, and checks what is there already. Nothing is written.
  /// - Throws: ``HubError``
  public func plan(_ orders: [Order]) async throws -> [Plan] {
    try await HubConnection.with(endpoint, policy, retrying: retrying) { connection in
      var plans: [Plan] = []
      for order in orders {
        let listing = try await connection.listing(of: order.repository, revision: order.revision)
        let files = try order.selection.files(of: listing)
        let receipt = try HubReceipt(folder: order.folder)
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

  /// Makes sure of the room, and fetches what is missing, several files at once. What was begun of other files, or of
  /// other contents of the same, goes.
  /// - Throws: ``HubError`` or `AtomicFileError` of the first file that cannot be had; `CancellationError`. What has come
  ///   is kept, and another call goes on with it.
  public func run(_ plans: [Plan], progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws {
    for plan in plans {
      ResumableFile.removeUnfinished(
        below: plan.order.folder, except: plan.missing.map(plan.part))
    }
    try checkSpace(plans)
    let files = plans.flatMap { plan in plan.missing.map { (plan, $0) } }
    let total = files.reduce(0) { $0 + $1.1.size }
    let kept = total - plans.reduce(0) { $0 + $1.remaining }
    let tally = Tally(
      Progress(done: kept, kept: kept, total: total, filesDone: 0, files: files.count), progress)
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
      let before = try HubReceipt(folder: plan.order.folder)
      guard before != receipt else { continue }
      // A folder is read as one model: what is left of another revision would be taken for a part of this one.
      for path in (before?.files ?? [:]).keys where receipt.files[path] == nil {
        try? FileManager.default.removeItem(at: plan.order.folder.appendingPathComponent(path))
      }
      try receipt.write(to: plan.order.folder)
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

/// How patient the hub's client is.
public struct HubPolicy: Sendable {
  /// Files that are fetched at once.
  public var jobs: Int
  /// Tries of a request, or of a file, without a byte of progress.
  public var attempts: Int
  /// Before the second try; each further wait is twice as long, up to ``longestDelay``.
  public var firstDelay: Duration
  /// Between two attempts.
  public var longestDelay: Duration
  /// How long the other side may say nothing.
  public var silence: Duration

  /// Memberwise.
  public init(
    jobs: Int = 4, attempts: Int = 6, firstDelay: Duration = .seconds(1), longestDelay: Duration = .seconds(60),
    silence: Duration = .seconds(30)
  ) {
    self.jobs = jobs
    self.attempts = attempts
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.silence = silence
  }

  /// - Parameter failures: so far, from 1
  func delay(after failures: Int) -> Duration {
    min(firstDelay * (1 << min(failures - 1, 20)), longestDelay)
  }
}

/// What a folder was fetched from: kept beside the files, so that they can be verified, and need not be fetched again.
public struct HubReceipt: Codable, Sendable, Equatable {
  /// A file's size and digest, as the hub gave them.
  public struct File: Codable, Sendable, Equatable {
    /// In bytes.
    public var size: Int
    /// By which its bytes are known.
    public var digest: ContentDigest
  }

  /// On the hub.
  public var repository: HubRepository
  /// A branch, a tag or a commit.
  public var revision: String
  /// Of the revision, when it was fetched.
  public var commit: String
  /// By path.
  public var files: [String: File]

  /// In the model's folder.
  public static let fileName = ".crayon-source.json"

  init(_ listing: HubListing, _ files: [HubFile]) {
    repository = listing.repository
    revision = listing.revision
    commit = listing.commit
    self.files = Dictionary(
      files.map { ($0.path, File(size: $0.size, digest: $0.digest)) }, uniquingKeysWith: { first, _ in first })
  }

  /// nil where there is none.
  /// - Throws: ``HubError/badReceipt(file:)`` where it cannot be read, or names what no repository holds
  public init?(folder: URL) throws {
    let url = folder.appendingPathComponent(Self.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    guard let data = try? Data(contentsOf: url), let receipt = try? JSONDecoder().decode(Self.self, from: data),
      receipt.files.allSatisfy({ path, file in
        file.digest.isWellFormed && HubFile(path: path, size: file.size, digest: file.digest).isWithinFolder
      })
    else { throw HubError.badReceipt(file: url.path) }
    self = receipt
  }

  /// Files of a folder that a model is read from, and that did not come with the others.
  public func strangers(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") && files[$0] == nil && HubSelection.isOfModel($0) }.sorted()
  }

  /// - Throws: `AtomicFileError`
  func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(self), to: folder.appendingPathComponent(Self.fileName))
  }

  /// Files that are not there, or not as they were published; reads every byte.
  public func damagedFiles(in folder: URL) -> [String] {
    files.sorted { $0.key < $1.key }.filter { path, file in
      let url = folder.appendingPathComponent(path)
      return url.sizeOfFile != file.size || (try? file.digest.matches(url, size: file.size)) != true
    }.map(\.key)
  }
}

extension URL {
  /// Of a regular file, or what a link leads to; nil where there is none.
  var sizeOfFile: Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
    return attributes?[.size] as? Int
  }
}
