import Foundation

extension Console {
  /// "7.9 GB", "12 kB"
  static func bytes(_ count: Int) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")]
    for (unit, name) in units where count >= unit {
      let value = Double(count) / Double(unit)
      return String(format: value < 10 ? "%.1f %@" : "%.0f %@", value, name)
    }
    return "\(count) bytes"
  }
}
