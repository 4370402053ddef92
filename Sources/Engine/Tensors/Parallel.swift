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

/// The processor time that Linux's control groups leave to a process: a container with two processors of a host's
/// sixty-four still sees all of them, and is stopped most of the time if it uses them all.
enum ProcessorShare {
  /// The share as a number of processors, rounded up; nil where there is no limit.
  ///
  /// - Parameters:
  ///   - groups: the text of `/proc/self/cgroup`: `number:controllers:group` in each line, without controllers in
  ///     the second version of control groups.
  ///   - mount: where the groups' folders are.
  static func processors(groups: String, mount: String) -> Int? {
    groups.split(separator: "\n").flatMap { line -> [Int] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      if fields[1].isEmpty { return limits(of: fields[2], in: mount) }
      guard fields[1].split(separator: ",").contains("cpu") else { return [] }
      return limits(of: fields[2], in: "\(mount)/\(fields[1])")
    }.min()
  }

  /// The limits of a group and of those that it lies in. A container may see its own group as the root.
  private static func limits(of group: Substring, in mount: String) -> [Int] {
    let parts = group.split(separator: "/")
    return (0...parts.count).compactMap { depth in
      limit(([mount] + parts.prefix(depth).map(String.init)).joined(separator: "/"))
    }
  }

  private static func limit(_ folder: String) -> Int? {
    let quota: [Int?]
    if let both = numbers(in: "\(folder)/cpu.max") {
      quota = both
    } else if let time = numbers(in: "\(folder)/cpu.cfs_quota_us"),
      let period = numbers(in: "\(folder)/cpu.cfs_period_us")
    {
      quota = time + period
    } else {
      return nil
    }
    // "max" or -1 stands for no limit.
    guard quota.count == 2, let time = quota[0], let period = quota[1], time > 0, period > 0 else { return nil }
    return max(1, (time - 1) / period + 1)
  }

  /// The words of a file as numbers; nil where there is no such file.
  private static func numbers(in file: String) -> [Int?]? {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
    return text.split(whereSeparator: \.isWhitespace).map { Int($0) }
  }
}
