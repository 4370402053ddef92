import Dispatch
import Foundation
import Synchronization

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
