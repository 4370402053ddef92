import Foundation

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
