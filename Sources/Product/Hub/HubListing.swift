/// What a repository holds at one commit.
public struct HubListing: Sendable, Equatable {
  public let repository: HubRepository
  /// What was asked for: a branch, a tag or a commit.
  public let revision: String
  /// What that was when it was asked for.
  public let commit: String
  /// Sorted by path.
  public let files: [HubFile]

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
      let file = HubFile(path: sibling.rfilename, size: size, digest: digest)
      guard file.isWithinFolder else {
        throw bad("the path \(file.path.debugDescription) leads out of a folder")
      }
      return file
    }
    guard ContentDigest.gitBlob(answer.sha).isWellFormed else { throw bad("it names no commit") }
    guard Set(files.map(\.path)).count == files.count else { throw bad("it names a file twice") }
    guard files.reduce(into: 0, { $0 = $0.addingReportingOverflow($1.size).partialValue }) >= 0 else {
      throw bad("its sizes are impossible")
    }
    self.init(repository: repository, revision: revision, commit: answer.sha, files: files)
  }
}
