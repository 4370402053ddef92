import Foundation
import Yams

/// A mapping of a YAML file that remembers which keys were asked for, so that a misspelt one is an error with
/// its line and not a silent default.
struct YAMLMapping {
  private let file: String
  /// Of several models that a key names, the one to take.
  private let preferred: String?
  /// Where the mapping stands, for messages: "segmenter.".
  private let path: String
  private let line: Int
  private var values: [String: Node] = [:]
  private var keyLines: [String: Int] = [:]
  private var asked: Set<String> = []

  /// - Parameter preferred: of several models that a key names, the one to take
  /// - Throws: ``PipelineError``
  init(reading url: URL, preferring preferred: String? = nil) throws {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw PipelineError.unreadable(file: url.path)
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      let (line, fault) = (error as? YamlError).map(Self.fault) ?? (1, Self.noMapping)
      throw PipelineError.notYAML(file: url.path, line: line, fault: fault)
    }
    guard let node, case .mapping(let mapping) = node else {
      throw PipelineError.notYAML(file: url.path, line: 1, fault: Self.noMapping)
    }
    try self.init(mapping, file: url.path, path: "", preferring: preferred)
  }

  private init(_ mapping: Node.Mapping, file: String, path: String, preferring preferred: String?) throws {
    self.file = file
    self.preferred = preferred
    self.path = path
    line = mapping.mark?.line ?? 1
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw PipelineError.badValue(
          file: file, line: key.mark?.line ?? line, key: path, value: "", expected: "a plain key")
      }
      values[name] = value
      keyLines[name] = key.mark?.line ?? line
    }
  }

  mutating func string(_ key: String) throws -> String? {
    guard let value = take(key) else { return nil }
    guard let scalar = value.scalar else { throw bad(key, "a list or mapping", expected: "text") }
    return scalar.string
  }

  mutating func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let text = try string(key) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw bad(key, text, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Every text that names something in the models folder, wherever it stands.
  var modelReferences: [String] { references { $0 } }

  /// The same, but of lists of them those that are taken.
  var chosenModelReferences: [String] { references { [$0[choice(of: $0)]] } }

  private func references(_ choose: ([String]) -> [String]) -> [String] {
    // As deep as a pipeline's keys go: aliases can stand for more nodes than there is time for.
    func references(_ node: Node, _ depth: Int = 0) -> [String] {
      guard depth < 4 else { return [] }
      switch node {
      case .scalar(let scalar): return scalar.string.hasPrefix(ModelsFolder.prefix) ? [scalar.string] : []
      case .mapping(let mapping): return mapping.values.flatMap { references($0, depth + 1) }
      case .sequence(let sequence):
        let found = sequence.flatMap { references($0, depth + 1) }
        return found.isEmpty ? [] : choose(found)
      case .alias: return []
      }
    }
    return values.values.flatMap { references($0) }
  }

  func hasAny(of keys: [String]) -> Bool { keys.contains { values[$0] != nil } }

  mutating func needed(_ key: String) throws -> YAMLMapping {
    guard let mapping = try mapping(key) else { throw missing(key) }
    return mapping
  }

  mutating func neededString(_ key: String) throws -> String {
    guard let text = try string(key) else { throw missing(key) }
    return text
  }

  mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = try string(key) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw bad(key, text, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func neededInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = try integer(key, in: range) else { throw missing(key) }
    return number
  }

  /// One of an enumeration's words.
  /// - Parameter fallback: where the key is absent; nil where it must be there
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type, default fallback: Choice? = nil
  ) throws -> Choice where Choice.RawValue == String {
    guard let text = try string(key) else {
      guard let fallback else { throw missing(key) }
      return fallback
    }
    guard let choice = Choice(rawValue: text) else {
      throw bad(key, text, expected: Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// A file or folder of weights; of several, the preferred model, else the first that is there, else the last.
  mutating func weights(_ key: String, relativeTo file: URL) throws -> URL {
    guard let choices = try words(key), !choices.isEmpty else { throw missing(key) }
    return ModelsFolder.resolve(choices[choice(of: choices)], relativeTo: file)
  }

  /// The position of the one of several that is taken.
  private func choice(of choices: [String]) -> Int {
    let file = URL(fileURLWithPath: file)
    return choices.firstIndex { preferred != nil && ModelsFolder.model(of: $0) == preferred }
      ?? choices.firstIndex {
        FileManager.default.fileExists(atPath: ModelsFolder.resolve($0, relativeTo: file).path)
      } ?? choices.count - 1
  }

  mutating func optionalWeights(_ key: String, relativeTo file: URL) throws -> URL? {
    try string(key).map { ModelsFolder.resolve($0, relativeTo: file) }
  }

  /// One word, or a list of them.
  mutating func words(_ key: String) throws -> [String]? {
    guard let value = take(key) else { return nil }
    if let scalar = value.scalar { return [scalar.string] }
    let words = value.sequence?.map { $0.scalar?.string }
    guard let words, !words.contains(nil) else { throw bad(key, "something else", expected: "words") }
    return words.compactMap { $0 }
  }

  mutating func mapping(_ key: String) throws -> YAMLMapping? {
    guard let value = take(key) else { return nil }
    guard case .mapping(let mapping) = value else {
      throw bad(key, value.scalar?.string ?? "a list", expected: "a mapping")
    }
    return try YAMLMapping(mapping, file: file, path: "\(path)\(key).", preferring: preferred)
  }

  /// Call when all keys have been asked for.
  /// - Throws: ``PipelineError/unknownKey(file:line:key:known:)`` for the first that was not.
  func finish() throws {
    guard
      let unknown = values.keys.filter({ !asked.contains($0) })
        .min(by: { (keyLines[$0] ?? 0, $0) < (keyLines[$1] ?? 0, $1) })
    else { return }
    throw PipelineError.unknownKey(
      file: file, line: keyLines[unknown] ?? line, key: path + unknown, known: asked.sorted())
  }

  func missing(_ key: String) -> PipelineError {
    .missingKey(file: file, line: line, key: path + key)
  }

  func bad(_ key: String, _ value: String, expected: String) -> PipelineError {
    .badValue(
      file: file, line: keyLines[key] ?? line, key: path + key, value: value, expected: expected)
  }

  private mutating func take(_ key: String) -> Node? {
    asked.insert(key)
    return values[key]
  }

  private static let noMapping = "this is not a YAML mapping"

  private static func fault(_ error: YamlError) -> (line: Int, fault: String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      (
        context.mark.line,
        "in the mapping that begins here these keys stand twice: \(keys.joined(separator: ", "))"
      )
    default: (1, noMapping)
    }
  }
}
