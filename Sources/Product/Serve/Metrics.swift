import Pipeline
import Synchronization

/// What the server has done, in the text format of Prometheus.
final class Metrics: Sendable {
  /// Things that are counted as they happen.
  enum Counter: String, CaseIterable {
    case promptTokens = "crayon_prompt_tokens_total"
    case reusedTokens = "crayon_reused_prompt_tokens_total"
    case answerTokens = "crayon_answer_tokens_total"
    case picturesSeen = "crayon_pictures_seen_total"
    case picturesKnown = "crayon_pictures_known_total"
    case cancelled = "crayon_requests_cancelled_total"
    case saves = "crayon_edited_maps_saved_total"

    var help: String {
      switch self {
      case .promptTokens: "Positions that the language model was given."
      case .reusedTokens: "Of these, the ones that it had read before."
      case .answerTokens: "Tokens of answers."
      case .picturesSeen: "Pictures that went through stages 1 to 4."
      case .picturesKnown: "Requests on a picture that had been seen."
      case .cancelled: "Requests whose client went away."
      case .saves: "Edited maps that were saved into the folder."
      }
    }
  }

  private struct Time {
    var seconds = 0.0
    var count = 0
  }

  private struct State {
    /// By route and status.
    var requests: [String: Int] = [:]
    var counters: [Counter: Int] = [:]
    var stages: [StageTimings.Stage: Time] = [:]
    /// Results of stages that were known from before.
    var known: [StageTimings.Stage: Int] = [:]
    var open = 0
  }

  private let state = Mutex(State())

  init() {}

  func count(_ counter: Counter, _ amount: Int = 1) {
    state.withLock { $0.counters[counter, default: 0] += amount }
  }

  /// Counts a request as open until what is returned is let go.
  func began() -> OpenRequest {
    state.withLock { $0.open += 1 }
    return OpenRequest(self)
  }

  fileprivate func ended(_ route: String, status: Int) {
    state.withLock {
      $0.open -= 1
      $0.requests["route=\"\(route)\",status=\"\(status)\"", default: 0] += 1
    }
  }

  func add(_ timings: StageTimings) {
    state.withLock { state in
      for (stage, entry) in timings.entries {
        if entry.wasKnown {
          state.known[stage, default: 0] += 1
        } else {
          state.stages[stage, default: Time()].seconds += entry.milliseconds / 1000
          state.stages[stage, default: Time()].count += 1
        }
      }
    }
  }

  /// - Parameter waiting: requests in the queue now
  func text(waiting: Int) -> String {
    let now = state.withLock { $0 }
    var lines: [String] = []
    func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)]) {
      lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(kind)"]
      add(name, samples)
    }
    func add(_ name: String, _ samples: [(labels: String, value: String)]) {
      lines += samples.map { "\(name)\($0.labels.isEmpty ? "" : "{\($0.labels)}") \($0.value)" }
    }
    func stages<Value>(_ values: [StageTimings.Stage: Value], _ text: (Value) -> String) -> [(String, String)] {
      StageTimings.Stage.allCases.compactMap { stage in
        values[stage].map { ("stage=\"\(stage.rawValue)\"", text($0)) }
      }
    }
    family(
      "crayon_requests_total", "counter", "Requests that were answered.",
      now.requests.sorted { $0.key < $1.key }.map { ($0.key, String($0.value)) })
    family("crayon_requests_open", "gauge", "Requests that are being answered.", [("", String(now.open))])
    family("crayon_queue_waiting", "gauge", "Requests that wait for the model.", [("", String(waiting))])
    family("crayon_stage_seconds", "summary", "Time spent in a stage.", [])
    add("crayon_stage_seconds_sum", stages(now.stages) { "\($0.seconds)" })
    add("crayon_stage_seconds_count", stages(now.stages) { "\($0.count)" })
    family(
      "crayon_stage_known_total", "counter", "Results of a stage that were known from before.",
      stages(now.known) { "\($0)" })
    for counter in Counter.allCases {
      family(counter.rawValue, "counter", counter.help, [("", String(now.counters[counter] ?? 0))])
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A request that is being answered. It counts as answered once this is let go: then its answer has been sent to the
/// end, or given up.
final class OpenRequest: Sendable {
  /// What the figures, and other servers, call the status of a request that its client has closed.
  static let left = 499

  private let metrics: Metrics
  private let outcome = Mutex((route: "none", status: OpenRequest.left))

  fileprivate init(_ metrics: Metrics) { self.metrics = metrics }

  /// - Parameter route: its pattern, not the path that was asked for: those could be any number
  func isAnswered(at route: String, with status: Int) { outcome.withLock { $0 = (route, status) } }

  /// The client has gone before the answer's end.
  func isLeft() { outcome.withLock { $0.status = Self.left } }

  deinit {
    let (route, status) = outcome.withLock { $0 }
    metrics.ended(route, status: status)
  }
}
