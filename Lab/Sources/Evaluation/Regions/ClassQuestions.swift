public import CrayonCore
public import Foundation
public import Questions
import Vocabulary

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
          image: folder.existing(image), question: question.question,
          inputBoxes: question.inputRegions.map { PictureBox($0) },
          boxes: question.regions.map { PictureBox($0.box) },
          references: [question.answer], size: [record.width, record.height])
      }.filter(isMeant)
    }
  }

  /// Of a COCO panoptic dataset: every class of things of which a picture has one.
  /// - Parameters:
  ///   - dataset: its classes and boxes
  ///   - prompt: with `<expr>` for the class, as "the cup"
  ///   - folder: of the pictures
  /// - Throws: `COCOPanopticError` or `CategoryTableError`
  public static func locating(_ dataset: COCOPanoptic, prompt: String, images folder: URL) throws
    -> [RegionSample]
  {
    try things(dataset) { image, segments, things in
      // Crowds, and what has no box, are of their class too.
      let byClass = Dictionary(grouping: segments) { $0.category_id }
      return things.compactMap { thing in
        guard byClass[thing.category.id]?.count == 1 else { return nil }
        return RegionSample(
          image: folder.existing(image.file_name),
          question: prompt.replacingOccurrences(of: "<expr>", with: Noun(thing.category).definite),
          boxes: [thing.box], size: image.size)
      }
    }
  }

  /// Of a COCO panoptic dataset: every thing.
  /// - Parameters:
  ///   - dataset: its classes and boxes
  ///   - prompt: with `[1]` for the box
  ///   - folder: of the pictures
  public static func describing(_ dataset: COCOPanoptic, prompt: String, images folder: URL) throws
    -> [RegionSample]
  {
    try things(dataset) { image, _, things in
      things.map { thing in
        RegionSample(
          image: folder.existing(image.file_name), question: prompt, inputBoxes: [thing.box],
          references: [Noun(thing.category).withArticle], size: image.size)
      }
    }
  }

  /// What of a COCO panoptic dataset cannot be asked about: things without a usable box, and maps of pictures that are
  /// not listed.
  public static func faults(in dataset: COCOPanoptic) throws -> [String] {
    let categories = try dataset.categoryTable()
    let listed = Set(dataset.images.map(\.id))
    return dataset.annotations.flatMap { annotation -> [String] in
      guard listed.contains(annotation.image_id) else {
        return ["image \(annotation.image_id) is not among the dataset's images"]
      }
      return annotation.segments_info.compactMap { segment in
        guard !segment.iscrowd, categories.category(id: segment.category_id)?.isThing ?? true else {
          return nil
        }
        return fault(of: segment, categories).map {
          "image \(annotation.image_id): segment \(segment.id) \($0)"
        }
      }
    }
  }

  private typealias Thing = (category: CrayonCore.Category, box: PictureBox)

  private static func thing(_ segment: COCOPanoptic.SegmentInfo, _ categories: CategoryTable) -> Thing? {
    guard !segment.iscrowd, fault(of: segment, categories) == nil,
      let box = PictureBox(cocoXYWH: segment.bbox ?? []),
      let category = categories.category(id: segment.category_id), category.isThing
    else { return nil }
    return (category, box)
  }

  /// Why a segment is no thing with a place, as the rest of a sentence; nil where it can be one.
  private static func fault(of segment: COCOPanoptic.SegmentInfo, _ categories: CategoryTable) -> String? {
    guard categories.category(id: segment.category_id) != nil else {
      return "has the category \(segment.category_id), which is not listed"
    }
    guard let box = PictureBox(cocoXYWH: segment.bbox ?? []), box.hasArea else {
      return "has no box with an area"
    }
    // Of a box in parts of the sides, rounding makes one in the first pixel. Of one in pixels, it takes less than one.
    guard let area = segment.area, Double(area) > (box.width + 1) * (box.height + 1) else { return nil }
    return "has \(area) pixels, and its box has room for fewer"
  }

  /// A picture's segments that are things and no crowds.
  private static func things(
    _ dataset: COCOPanoptic,
    _ samples: (_ image: COCOPanoptic.Image, _ segments: [COCOPanoptic.SegmentInfo], _ things: [Thing]) ->
      [RegionSample]
  ) throws -> [RegionSample] {
    let categories = try dataset.categoryTable()
    let images = Dictionary(
      dataset.images.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return dataset.annotations.flatMap { annotation -> [RegionSample] in
      guard let image = images[annotation.image_id] else { return [] }
      let segments = annotation.segments_info
      return samples(image, segments, segments.compactMap { thing($0, categories) })
    }
  }
}
