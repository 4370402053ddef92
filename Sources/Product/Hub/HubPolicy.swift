/// How patient the hub's client is.
public struct HubPolicy: Sendable {
  /// Files that are fetched at once.
  public var jobs: Int
  /// Tries of a request, or of a file, without a byte of progress.
  public var attempts: Int
  /// Before the second try; each further wait is twice as long, up to ``longestDelay``.
  public var firstDelay: Duration
  public var longestDelay: Duration
  /// How long the other side may say nothing.
  public var silence: Duration

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
