import CrayonCore
import Dispatch
import Foundation
import Fusion
import Inspection
import Language
import Pipeline
import Synchronization

/// A picture that is to be seen, and how.
struct LookWork: Sendable {
  var pipeline: Pipeline
  var picture: Data
  var options: LookOptions
  /// Whether every stage's result is wanted.
  var inspects = false
  /// Whether the picture is, too.
  var returnsPicture = false
}

/// A question on a picture.
struct AskWork: Sendable {
  var look: LookWork
  var question: String
  var earlier: [FusionInput.Turn]
  /// Regions that are given as boxes; those of clicks come behind them.
  var regions: [PictureBox]
  var points: [[Int]]
  var imageGain: Float
  var visualLanguageGain: Float
  /// nil for as many as the pipeline makes.
  var mostTokens: Int?
  var sampling: Sampling
  var stops: [String]
  var beams: Int
  var boxes: GroundingConfiguration.Boxes?
  var keepsMasks: Bool
  /// Sentences for the client.
  var notes: [String]

  /// - Parameters:
  ///   - picture: that the dialogue is about
  ///   - host: has the pipeline that is asked
  /// - Throws: ``ServeError``, or what is wrong with a map
  init(
    _ request: ChatRequest, _ dialogue: Dialogue, picture: Data, on host: ModelHost, _ limits: ServeLimits
  ) throws {
    let crayon = request.crayon
    let options = try crayon.lookOptions(limits)
    look = LookWork(
      pipeline: try host.pipeline(request.model), picture: picture, options: options,
      inspects: crayon.inspect, returnsPicture: crayon.picture)
    (question, earlier) = (dialogue.question, dialogue.earlier)
    regions = try crayon.regionBoxes()
    points = crayon.points
    imageGain = crayon.adapters?.image ?? 1
    visualLanguageGain = crayon.adapters?.vl ?? 1
    mostTokens = request.mostTokens
    sampling = Sampling(
      temperature: request.temperature ?? 0, topP: request.topP ?? 1, seed: UInt64(bitPattern: request.seed))
    (stops, beams, boxes, keepsMasks) = (request.stops, crayon.beams, crayon.boxes, crayon.masks)
    notes = []
    if dialogue.hasInstructions {
      notes.append("instructions (system messages) are not read by the models here")
    }
    if !request.unread.isEmpty { notes.append("not used: \(request.unread.joined(separator: ", "))") }
  }
}

/// What happens while a question is answered.
enum AskEvent: Sendable {
  case began(StageTimings.Stage)
  case text(String)
  case finished(FinishedAnswer)
}

/// What a picture was seen as.
struct FinishedLook: Sendable {
  var map: PanopticMap
  var categories: CategoryTable
  var inspection: InspectionReport?
  var timings: StageTimings
}

/// One thread for long work, so that it never keeps the threads waiting that speak with clients.
final class WorkThread: SerialExecutor {
  /// What the thread and its owner share.
  private final class Jobs: Sendable {
    private let waiting = Mutex<(jobs: [UnownedJob], isOver: Bool)>(([], false))
    private let signal = DispatchSemaphore(value: 0)

    func add(_ job: UnownedJob) {
      waiting.withLock { $0.jobs.append(job) }
      signal.signal()
    }

    func end() {
      waiting.withLock { $0.isOver = true }
      signal.signal()
    }

    /// Waits; nil at the end.
    func next() -> UnownedJob? {
      signal.wait()
      return waiting.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
    }
  }

  private let jobs = Jobs()

  init(_ name: String) {
    let (jobs, executor) = (jobs, ExecutorReference(self))
    let thread = Thread {
      while let job = jobs.next() {
        guard let executor = executor.value else { return }
        job.runSynchronously(on: executor.asUnownedSerialExecutor())
      }
    }
    thread.name = name
    // As the main thread's, on which commands run the model.
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { jobs.end() }

  func enqueue(_ job: consuming ExecutorJob) { jobs.add(UnownedJob(job)) }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// Does not keep the executor alive, so that its thread ends with it.
private final class ExecutorReference: @unchecked Sendable {
  // Set once, before the thread that reads it exists; weak references are read atomically.
  private(set) weak var value: WorkThread?

  init(_ value: WorkThread) { self.value = value }
}

/// Whether the client still wants the answer; read by the model's thread between two tokens.
final class Cancellation: Sendable {
  private let requested = Atomic<Bool>(false)

  func request() { requested.store(true, ordering: .relaxed) }

  var isRequested: Bool { requested.load(ordering: .relaxed) }
}
