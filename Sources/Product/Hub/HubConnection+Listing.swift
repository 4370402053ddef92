import Foundation

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
        let body = try await answer.response.body.collect(upTo: Self.longestListing)
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
