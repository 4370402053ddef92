import AtomicFiles
import CrayonCore
import Evaluation
import Foundation
import Pipeline
import Questions

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Every question of an evaluation with its answer, as JSON lines: written as it is given, so that a run that ends early
/// has lost nothing, and read again by the run that goes on.
struct AnswerLog {
  struct Entry: Codable, Equatable {
    /// Its path.
    var image: String
    /// SHA-256 of its bytes.
    var picture: String
    var question: String
    /// Where the question points, in pixels: [x0, y0, x1, y1].
    var asked: [[Double]]?
    /// Where the boxes come from; nil for the run's own way.
    var boxes_from: String?
    /// As it was scored.
    var answer: String
    /// What the answer points at, in pixels: [x0, y0, x1, y1].
    var boxes: [[Double]]
    /// For each box its mask; none where no region has one.
    var masks: [RunLengthMask?]?
    /// For each box what decided on it.
    var vias: [Region.Source]
    /// The answer that was wanted, and whether this one says the same and points where it does; nil where places alone are
    /// compared.
    var truth: String?
    var right: Bool?
    /// Whether it says the same; nil where the truth has no place.
    var words_right: Bool?
    var family: QuestionFamily?
    /// Whether the wording was kept from training.
    var held_out: Bool?
    /// What the answer depends on besides: weights, settings, maps.
    var run: String

    /// Of every line, as keys are sorted.
    fileprivate static let beginning = Data(#"{"answer":""#.utf8)

    var regions: [Region] {
      boxes.enumerated().compactMap { index, edges in
        guard edges.count == 4 else { return nil }
        let mask = masks.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        let box = PictureBox(x0: edges[0], y0: edges[1], x1: edges[2], y1: edges[3])
        return Region(
          box: box, mask: mask, phrase: "", trigger: index,
          via: vias.indices.contains(index) ? vias[index] : .heads)
      }
    }
  }

  /// What is asked, by which an answer is found again.
  fileprivate struct Key: Hashable {
    /// By its bytes: names that only look alike are two files.
    var image: Data
    var question: String
    var asked: [[Double]]?
    var boxesFrom: String?
  }

  private let file: URL?
  private let descriptor: Int32
  private var known: [Key: Entry] = [:]
  /// Answers of the run that this one goes on with.
  var keptCount: Int { known.count }

  /// Opens a file to be continued, or a new one. A last line that was cut is taken away.
  /// - Parameters:
  ///   - path: nil to keep nothing
  ///   - run: ``Entry/run`` of every answer
  /// - Throws: ``AnswerLogError``
  init(path: String?, run: @autoclosure () throws -> String) throws {
    guard let path else {
      (file, descriptor) = (nil, -1)
      return
    }
    let url = URL(fileURLWithPath: path)
    let run = try run()
    if let data = FileManager.default.contents(atPath: url.path) {
      let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { data.prefix(through: $0) } ?? Data()
      for line in whole.split(separator: UInt8(ascii: "\n")) {
        guard let entry = try? JSONDecoder().decode(Entry.self, from: line), entry.run == run else {
          throw AnswerLogError.anotherRun(file: path)
        }
        known[Key(entry)] = entry
      }
      // Behind the last line may be the beginning of an answer, and of nothing else: it is about to be taken away.
      guard
        data.dropFirst(whole.count).prefix(Entry.beginning.count)
          .elementsEqual(Entry.beginning.prefix(data.count - whole.count))
      else { throw AnswerLogError.anotherRun(file: path) }
      if whole.count < data.count { truncate(url.path, off_t(whole.count)) }
    }
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw AnswerLogError.cannotWrite(file: path, reason: String(cString: strerror(errno)))
    }
    file = url
  }

  /// The answer of an earlier run.
  /// - Parameter picture: SHA-256 of the picture as it is now
  /// - Throws: ``AnswerLogError/changedPicture(image:file:)``
  func answer(_ question: AskedQuestion, picture: @autoclosure () -> String?) throws -> Entry? {
    // A picture that cannot be read is met again, and passed over.
    guard let file, let entry = known[Key(question)], let picture = picture() else { return nil }
    guard entry.picture == picture else {
      throw AnswerLogError.changedPicture(image: question.image.path, file: file.path)
    }
    return entry
  }

  /// Writes an answer down, at once.
  /// - Throws: ``AnswerLogError/cannotWrite(file:reason:)``
  func add(_ entry: @autoclosure () -> Entry) throws {
    guard let file else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = try encoder.encode(entry()) + Data("\n".utf8)
    guard writeAll(line, to: descriptor) == line.count else {
      throw AnswerLogError.cannotWrite(file: file.path, reason: String(cString: strerror(errno)))
    }
    fsync(descriptor)
  }

}

extension AnswerLog.Key {
  fileprivate init(_ entry: AnswerLog.Entry) {
    self.init(
      image: Data(entry.image.utf8), question: entry.question, asked: entry.asked, boxesFrom: entry.boxes_from)
  }

  fileprivate init(_ question: AskedQuestion) {
    self.init(
      image: Data(question.image.path.utf8), question: question.text,
      asked: question.regions.isEmpty ? nil : question.regions.map(\.edges), boxesFrom: question.boxes?.rawValue
    )
  }
}

/// Why answers cannot be kept in a file.
enum AnswerLogError: Error, Equatable, CustomStringConvertible {
  case anotherRun(file: String)
  case changedPicture(image: String, file: String)
  case changedTruth(question: String, file: String)
  case cannotWrite(file: String, reason: String)

  var description: String {
    switch self {
    case .anotherRun(let file):
      "\(file) holds something else than answers of this pipeline with these settings; name another file with "
        + "--answers, or delete it"
    case .changedPicture(let image, let file):
      "\(image) has changed since \(file) was written; name another file with --answers, or delete it"
    case .changedTruth(let question, let file):
      "what is right of “\(question)” has changed since \(file) was written; name another file with --answers, or "
        + "delete it"
    case .cannotWrite(let file, let reason): "\(file) cannot be written: \(reason)"
    }
  }
}
