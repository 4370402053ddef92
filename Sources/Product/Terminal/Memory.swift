import Foundation

/// What this process has used.
public enum Memory {
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
