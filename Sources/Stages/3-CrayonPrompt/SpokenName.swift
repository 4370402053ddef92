/// Names of categories as they are spoken: without what COCO adds to tell stuff classes apart.
enum SpokenName {
  /// "table" for "table-merged", "wall" for "wall-other-merged", "window" for "window-other".
  static func of(_ category: String) -> String {
    ["-merged", "-other", "-stuff"].reduce(category) { $0.replacingOccurrences(of: $1) }
  }
}

extension String {
  /// The text without any occurrence of `part`.
  fileprivate func replacingOccurrences(of part: String) -> String {
    var result = self
    while let range = result.firstRange(of: part) { result.removeSubrange(range) }
    return result
  }
}
