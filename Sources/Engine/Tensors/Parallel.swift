import CKernels
import Dispatch
import Foundation
import Synchronization

/// How many threads the operations of a request may use, and the one loop that uses them.
public enum Parallel {
  /// The number of processors that this process may use: an affinity mask is respected, and a container's share.
  public static let processors = {
    let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    return min(
      Int(ck_processor_count()), ProcessorShare.processors(groups: groups, mount: "/sys/fs/cgroup") ?? .max)
  }()

  /// The most threads that an operation called from here uses. Results never depend on it: work is cut
  /// the same way for any number of threads.
  @TaskLocal public static var threads = processors

  /// Calls `body` once for every index below `count`, on several threads where that is allowed.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
      // Every worker has returned when this does.
      nonisolated(unsafe) let body = body
      run(workers) {
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index)
        }
      }
    }
  }

  private static func run(_ workers: Int, _ work: @escaping @Sendable () -> Void) {
    withUnsafePointer(to: work) { pointer in
      let isDone = ck_team_run(
        workers, { $0?.load(as: (@Sendable () -> Void).self)() }, UnsafeMutableRawPointer(mutating: pointer))
      // Another thread has the team: several pictures at a time, say, with several threads each.
      if !isDone { DispatchQueue.concurrentPerform(iterations: workers) { _ in work() } }
    }
  }

  /// The size of pieces of about `target` that cut `count` into an even number of nearly equal ones, so
  /// that two cores finish together.
  public static func balancedGrain(_ count: Int, target: Int) -> Int {
    let pieces = (count + target - 1) / target
    let even = pieces <= 1 ? 1 : (pieces + 1) / 2 * 2
    return max(1, (count + even - 1) / even)
  }

  /// Cuts `0..<count` into pieces of at most `grain` and calls `body` once for each.
  public static func forEachRange(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let grain = max(grain, 1)
    forEach((count + grain - 1) / grain) { piece in
      body(piece * grain..<min(count, (piece + 1) * grain))
    }
  }
}
