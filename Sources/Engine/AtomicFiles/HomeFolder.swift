public import Foundation

/// The user's own folder.
public enum HomeFolder {
  /// `HOME`, whoever the user is; else what the system has for the user.
  public static var url: URL {
    let home = ProcessInfo.processInfo.environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return home.map { URL(fileURLWithPath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
  }
}
