public import CrayonCore
public import Foundation

/// What a run of `crayon synth` makes. Two runs of the same plan make the same files.
public struct SynthesisPlan: Sendable, Hashable, Codable {
  /// What is made.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Maps without pictures.
    case layouts
    /// Rendered pictures with their maps.
    case scenes
  }

  /// What is made.
  public var kind: Kind
  /// In pixels.
  public var width: Int
  /// In pixels.
  public var height: Int
  /// Of the first picture; the others count on from it.
  public var seed: UInt64
  /// How many are made.
  public var count: Int
  /// Questions a picture.
  public var questions: Int

  /// - Throws: ``SynthesisError/badCount(_:)``, or ``SynthesisError/crossesIntoEvaluation(seed:count:)``, so
  ///   that nothing made for training is evaluated on.
  public init(
    kind: Kind, width: Int, height: Int, seed: UInt64, count: Int, questions: Int
  ) throws {
    // Seeds are the pictures' ids, which other programs read as signed or floating-point numbers.
    guard count > 0, count <= 10_000_000, seed <= 1 << 40, (0...1000).contains(questions) else {
      throw SynthesisError.badCount(count)
    }
    let last = seed + UInt64(count) - 1
    let first = QuestionGenerator.firstEvaluationSeed
    guard seed >= first || last < first else {
      throw SynthesisError.crossesIntoEvaluation(seed: seed, count: count)
    }
    self.kind = kind
    self.width = width
    self.height = height
    self.seed = seed
    self.count = count
    self.questions = questions
  }
}

/// Questions about maps that exist, such as those of real photographs.
public enum MapQuestions {
  /// Writes a line of questions for every map of a dataset.
  /// - Parameters:
  ///   - dataset: in the COCO panoptic format
  ///   - maps: the folder of its PNGs
  ///   - count: questions a map; fewer where it does not give as many
  ///   - seed: of the first map; the others count on from it
  ///   - file: where the questions go; it appears whole or not at all
  ///   - report: called after each map with the number done
  /// - Returns: how many questions there are.
  /// - Throws: ``SynthesisError/crossesIntoEvaluation(seed:count:)``, `COCOPanopticError`, `CategoryTableError` or
  ///   `AtomicFileError`
  public static func write(
    _ dataset: COCOPanoptic, maps: URL, questions count: Int, seed: UInt64, to file: URL,
    report: (Int) -> Void = { _ in }
  ) throws -> Int {
    let last = seed &+ UInt64(dataset.annotations.count), boundary = QuestionGenerator.firstEvaluationSeed
    guard seed >= boundary || last <= boundary else {
      throw SynthesisError.crossesIntoEvaluation(seed: seed, count: dataset.annotations.count)
    }
    let categories = try dataset.categoryTable()
    let generator = QuestionGenerator(categories: categories)
    let images = Dictionary(
      dataset.images.map { ($0.id, $0.file_name) }, uniquingKeysWith: { first, _ in first })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var written = 0
    try AtomicFile.write(to: file) { output in
      for (index, annotation) in dataset.annotations.enumerated() {
        let map = try PanopticMap(annotation, in: maps, categories: categories)
        let questions = generator.questions(about: map, count: count, seed: seed &+ UInt64(index))
        var id = index
        if case .number(let number) = annotation.image_id { id = number }
        let record = QuestionRecord(
          id: id, image: images[annotation.image_id], map: annotation.file_name, of: map,
          questions: questions)
        try output.append(try encoder.encode(record) + Data("\n".utf8))
        written += questions.count
        report(index + 1)
      }
    }
    return written
  }
}

/// Why pictures with questions cannot be made.
public enum SynthesisError: Error, Equatable, CustomStringConvertible {
  case badCount(Int)
  case crossesIntoEvaluation(seed: UInt64, count: Int)
  case notEmpty(folder: String)
  case anotherRun(folder: String)
  case cannotWrite(folder: String, reason: String)

  public var description: String {
    switch self {
    case .badCount(let count):
      "\(count) pictures cannot be made; ask for 1 to 10000000, from a seed up to 2^40"
    case .crossesIntoEvaluation(let seed, let count):
      "\(count) pictures from seed \(seed) on would reach into the seeds from "
        + "\(QuestionGenerator.firstEvaluationSeed) on, which are kept for evaluation"
    case .notEmpty(let folder): "\(folder) is not empty; name a new folder"
    case .anotherRun(let folder):
      "\(folder) holds another run, of other settings; name a new folder, or repeat those settings to go on"
    case .cannotWrite(let folder, let reason): "nothing can be written to \(folder): \(reason)"
    }
  }
}
