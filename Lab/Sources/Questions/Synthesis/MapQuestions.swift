public import CrayonCore
public import Foundation

/// Questions about maps that exist, such as those of real photographs.
public enum MapQuestions {
  /// Writes a line of questions for every map of a dataset.
  /// - Parameters:
  ///   - dataset: in the COCO panoptic format
  ///   - maps: the folder of its PNGs
  ///   - file: where the questions go; it appears whole or not at all
  ///   - report: called after each map with the number done
  /// - Returns: how many questions there are.
  /// - Throws: `COCOPanopticError`, `CategoryTableError` or `AtomicFileError`
  public static func write(
    _ dataset: COCOPanoptic, maps: URL, questions count: Int, seed: UInt64, to file: URL,
    report: (Int) -> Void = { _ in }
  ) throws -> Int {
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
