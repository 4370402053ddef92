public import CrayonCore
import Dispatch
public import Foundation
import Synchronization

/// Compares two datasets in the COCO panoptic format.
public struct PanopticEvaluation: Sendable {
  /// One side: the dataset file and the folder of its PNGs.
  public struct Side: Sendable {
    public var json: URL
    public var folder: URL

    public init(json: URL, folder: URL) {
      self.json = json
      self.folder = folder
    }
  }

  public let quality: PanopticQuality
  /// Of the ground truth.
  public let categories: CategoryTable

  /// Every picture of the ground truth against its prediction, on all processors. Pictures are the same when
  /// their files are named alike; where a dataset does not list its pictures, when their ids are equal, which
  /// is all that panopticapi looks at.
  /// - Throws: ``EvaluationError`` or `COCOPanopticError`, naming the picture.
  public init(groundTruth: Side, predictions: Side) throws {
    let truth = try COCOPanoptic(readingJSON: groundTruth.json)
    let predicted = try COCOPanoptic(readingJSON: predictions.json)
    let categories = try truth.categoryTable()
    let predictionOf = Self.matching(truth, predicted)

    var quality = PanopticQuality()
    // A few at a time and added in order, so that the sums do not depend on who was first.
    for start in stride(from: 0, to: truth.annotations.count, by: 64) {
      let part = Array(truth.annotations[start..<min(start + 64, truth.annotations.count)])
      for result in try Self.concurrently(
        part,
        { annotation in
          guard let prediction = predictionOf[annotation.image_id] else {
            throw EvaluationError.noPrediction(image: annotation.image_id.description)
          }
          return try Self.compare(
            annotation, in: groundTruth.folder, prediction, in: predictions.folder, categories)
        })
      {
        quality += result
      }
    }
    self.quality = quality
    self.categories = categories
  }

  /// For each image id of the ground truth the annotation of its prediction.
  private static func matching(
    _ truth: COCOPanoptic, _ predicted: COCOPanoptic
  ) -> [COCOPanoptic.ImageID: COCOPanoptic.Annotation] {
    let byID = Dictionary(
      predicted.annotations.map { ($0.image_id, $0) }, uniquingKeysWith: { _, last in last })
    func stems(_ dataset: COCOPanoptic) -> [String: COCOPanoptic.ImageID]? {
      let named = dataset.images.map { (($0.file_name as NSString).deletingPathExtension, $0.id) }
      let stems = Dictionary(named, uniquingKeysWith: { first, _ in first })
      return stems.count == dataset.annotations.count ? stems : nil
    }
    guard let truthStems = stems(truth), let predictedStems = stems(predicted) else { return byID }
    var matching: [COCOPanoptic.ImageID: COCOPanoptic.Annotation] = [:]
    for (stem, id) in truthStems { matching[id] = predictedStems[stem].flatMap { byID[$0] } }
    return matching
  }

  private static func compare(
    _ truth: COCOPanoptic.Annotation, in truthFolder: URL,
    _ prediction: COCOPanoptic.Annotation, in predictionFolder: URL, _ categories: CategoryTable
  ) throws -> PanopticQuality {
    let truthMap = try PanopticMap(truth, in: truthFolder, categories: categories)
    let predictionMap = try PanopticMap(prediction, in: predictionFolder, categories: categories)
    guard truthMap.width == predictionMap.width, truthMap.height == predictionMap.height else {
      throw EvaluationError.differentSizes(
        image: truth.image_id.description, truth: [truthMap.width, truthMap.height],
        prediction: [predictionMap.width, predictionMap.height])
    }
    return PanopticQuality(
      truth: truthMap, prediction: predictionMap,
      truthOrder: truth.segments_info.map { Int32(truncatingIfNeeded: $0.id) })
  }

  /// Results in the order of the inputs; the first error in that order, if any.
  private static func concurrently<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ body: @Sendable (Input) throws -> Output
  ) throws -> [Output] {
    let results = Mutex<[Int: Result<Output, any Error>]>([:])
    withoutActuallyEscaping(body) { body in
      DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
        let result = Result { try body(inputs[index]) }
        results.withLock { $0[index] = result }
      }
    }
    let finished = results.withLock { $0 }
    return try inputs.indices.compactMap { try finished[$0]?.get() }
  }
}
