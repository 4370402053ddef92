import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Folders as Linux makes them for control groups (Documentation/admin-guide/cgroup-v2.rst and cgroup-v1).
struct ProcessorShareTests {
  @Test(
    arguments: [
      // The second version: two and a half processors, rounded up.
      ("0::/docker/abc", ["docker/abc/cpu.max": "250000 100000\n"], 3),
      // A group above gives less.
      ("0::/a/b", ["a/cpu.max": "100000 100000", "a/b/cpu.max": "800000 100000"], 1),
      // A container that sees its own group as the root, under the name that it has outside.
      ("0::/docker/abc", ["cpu.max": "200000 100000"], 2),
      ("0::/", ["cpu.max": "50000 100000"], 1),
      ("0::/a", ["a/cpu.max": "max 100000"], nil),
      // The first version.
      (
        "7:memory:/m\n3:cpu,cpuacct:/a",
        ["cpu,cpuacct/a/cpu.cfs_quota_us": "400000", "cpu,cpuacct/a/cpu.cfs_period_us": "100000"], 4
      ),
      ("1:cpu:/", ["cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"], nil),
      ("1:cpuset:/", ["cpuset/cpu.cfs_quota_us": "100000", "cpuset/cpu.cfs_period_us": "100000"], nil),
      // Nothing that makes sense.
      ("", [:], nil), ("0:", [:], nil), ("0::/a", ["a/cpu.max": "1 0"], nil), ("0::/a", ["a/cpu.max": ""], nil),
    ] as [(String, [String: String], Int?)])
  func shareOf(groups: String, files: [String: String], processors: Int?) throws {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      let file = folder.file(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    #expect(ProcessorShare.processors(groups: groups, mount: folder.url.path) == processors)
  }

  @Test func neverNone() {
    #expect(Parallel.processors >= 1)
  }
}
