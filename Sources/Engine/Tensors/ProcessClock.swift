import Dispatch
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Time since a moment: on the wall, and that this process has spent on processors.
public struct ProcessClock: Sendable {
  private let wall: UInt64
  private let processor: Double

  /// Starts now.
  public static var now: ProcessClock {
    ProcessClock(wall: DispatchTime.now().uptimeNanoseconds, processor: processorSeconds())
  }

  /// On the wall.
  public var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - wall) / 1e9 }

  /// What the process has spent on all processors together.
  public var processorSeconds: Double { Self.processorSeconds() - processor }

  /// The part of the processors' time that was used, 0 to 1.
  public func utilisation(of processors: Int) -> Double {
    (Self.processorSeconds() - processor) / max(seconds, 1e-9) / Double(processors)
  }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}

/// What this process has used.
public enum ProcessMemory {
  /// The most that was resident at any time, mapped files included. From the kernel's own record of the
  /// process: `getrusage` would also count what its parent held when it started it.
  public static var peakMegabytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first.flatMap {
      Double($0)
    }
    return (kilobytes ?? 0) / 1024
  }
}
