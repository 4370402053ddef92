import Foundation

/// Text that ends where one of some texts begins, and until then holds back what could be the start of one.
struct StoppingText {
  /// What has been given out.
  private(set) var text = ""
  private(set) var isStopped = false
  private var held = ""
  /// Of what has been given out and what is held back, in characters.
  var length: Int { text.count + held.count }
  private let stops: [String]

  init(_ stops: [String]) { self.stops = stops.filter { !$0.isEmpty } }

  /// - Returns: what can be given out now
  mutating func append(_ piece: String) -> String {
    guard !isStopped else { return "" }
    held += piece
    if let first = stops.compactMap({ held.range(of: $0)?.lowerBound }).min() {
      isStopped = true
      held = String(held[..<first])
      return finish()
    }
    let waiting = stops.map(waiting).max() ?? 0
    return give(held.count - waiting)
  }

  /// - Returns: what was held back
  mutating func finish() -> String { give(held.count) }

  /// How many characters at the end could begin `stop`.
  private func waiting(for stop: String) -> Int {
    (0..<stop.count).last { held.hasSuffix(stop.prefix($0)) } ?? 0
  }

  private mutating func give(_ count: Int) -> String {
    let given = String(held.prefix(count))
    held.removeFirst(given.count)
    text += given
    return given
  }
}
