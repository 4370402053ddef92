public import CrayonCore
public import Foundation
public import Questions

/// CoLLaVO's tasks between classes and boxes (arXiv 2402.11248, section 3): from the class to its box (c2b), and from a
/// box to its class (b2c).
public enum ClassQuestions {
  /// Of a file of questions: where things are, in the file's own wordings.
  public static func locating(_ records: [QuestionRecord], in folder: URL) -> [RegionSample] {
    samples(records, .whereIs, in: folder) { !$0.boxes.isEmpty }
  }

  /// Of a file of questions: what is in a region.
  public static func describing(_ records: [QuestionRecord], in folder: URL) -> [RegionSample] {
    samples(records, .region, in: folder) { !$0.inputBoxes.isEmpty }
  }

  private static func samples(
    _ records: [QuestionRecord], _ family: QuestionFamily, in folder: URL, where isMeant: (RegionSample) -> Bool
  ) -> [RegionSample] {
    records.flatMap { record -> [RegionSample] in
      guard let image = record.image else { return [] }
      return record.questions.filter { $0.family == family }.map { question in
        RegionSample(
          image: folder.appendingPathComponent(image), question: question.question,
          inputBoxes: question.inputRegions.map { PictureBox($0) },
          boxes: question.regions.map { PictureBox($0.box) },
          references: [question.answer])
      }.filter(isMeant)
    }
  }

  /// Of a COCO panoptic dataset: every class of things of which a picture has one.
  /// - Parameters:
  ///   - prompt: with `<expr>` for the class, as "the cup"
  ///   - folder: of the pictures
  /// - Throws: `COCOPanopticError` or `CategoryTableError`
  public static func locating(_ dataset: COCOPanoptic, prompt: String, images folder: URL) throws
    -> [RegionSample]
  {
    try things(dataset) { image, things in
      let byClass = Dictionary(grouping: things) { $0.category }
      return things.compactMap { thing in
        guard byClass[thing.category]?.count == 1 else { return nil }
        return RegionSample(
          image: folder.appendingPathComponent(image),
          question: prompt.replacingOccurrences(of: "<expr>", with: Noun(thing.category).definite),
          boxes: [thing.box])
      }
    }
  }

  /// Of a COCO panoptic dataset: every thing.
  /// - Parameter prompt: with `[1]` for the box
  public static func describing(_ dataset: COCOPanoptic, prompt: String, images folder: URL) throws
    -> [RegionSample]
  {
    try things(dataset) { image, things in
      things.map { thing in
        RegionSample(
          image: folder.appendingPathComponent(image), question: prompt, inputBoxes: [thing.box],
          references: [Noun(thing.category).withArticle])
      }
    }
  }

  /// A picture's segments that are things and no crowds.
  private static func things(
    _ dataset: COCOPanoptic,
    _ samples: (_ image: String, _ things: [(category: CrayonCore.Category, box: PictureBox)]) -> [RegionSample]
  ) throws -> [RegionSample] {
    let categories = try dataset.categoryTable()
    let names = Dictionary(
      dataset.images.map { ($0.id, $0.file_name) }, uniquingKeysWith: { first, _ in first })
    return dataset.annotations.flatMap { annotation -> [RegionSample] in
      guard let image = names[annotation.image_id] else { return [] }
      return samples(
        image,
        annotation.segments_info.compactMap { segment in
          guard !segment.iscrowd, let box = PictureBox(cocoXYWH: segment.bbox ?? []), box.hasArea,
            let category = categories.category(id: segment.category_id), category.isThing
          else { return nil }
          return (category, box)
        })
    }
  }
}
