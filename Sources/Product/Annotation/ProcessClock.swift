import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Time since a moment: on the wall, and that this process has spent on processors.
public struct ProcessClock: Sendable {
  private let wall: UInt64
  private let processor: Double

  public static var now: ProcessClock {
    ProcessClock(wall: DispatchTime.now().uptimeNanoseconds, processor: processorSeconds())
  }

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
