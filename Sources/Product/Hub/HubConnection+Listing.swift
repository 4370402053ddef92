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
    var failures = 0
    while true {
      do {
        let answer = try await get(url)
        if answer.response.status == .ok {
          let body = try await answer.response.body.collect(upTo: Self.longestListing)
          guard
            let read = try? JSONDecoder().decode(HubListing.Answer.self, from: Data(buffer: body))
          else {
            throw HubError.badListing(repository, fault: "it is not as the hub's are; is HF_ENDPOINT right?")
          }
          return try HubListing(read, of: repository, revision: revision)
        }
        if let error = error(of: answer, repository: repository, revision: revision, path: nil) { throw error }
        throw Busy(answer: answer)
      } catch let error as HubError {
        throw error
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        failures += 1
        let busy = (error as? Busy)?.answer
        let setback = busy.map(tooBusy) ?? unreachable(error)
        guard failures < (busy == nil ? min(policy.attempts, Self.mostAttempts) : policy.attempts) else {
          throw setback
        }
        try await wait(afterFailures: failures, of: setback, answer: busy)
      }
    }
  }

  /// An answer that means that the hub may do better in a while.
  private struct Busy: Error {
    let answer: Answer
  }
}
