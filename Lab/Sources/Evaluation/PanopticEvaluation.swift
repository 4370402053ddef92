public import CrayonCore
import Dispatch
public import Foundation
import Synchronization

/// Compares two datasets in the COCO panoptic format.
public struct PanopticEvaluation: Sendable {
  /// One side: the dataset file and the folder of its PNGs.
  public struct Side: Sendable {
    /// The dataset file.
    public var json: URL
    /// Of its PNGs.
    public var folder: URL

    /// Memberwise.
    public init(json: URL, folder: URL) {
      self.json = json
      self.folder = folder
    }
  }

  /// How pictures of the two sides were put together.
  public enum Matching: String, Sendable, Encodable {
    /// By `image_id`, which is all that panopticapi reads.
    case imageID = "image_id"
    /// By the pictures' names, where the ids of the two sides contradict them.
    case fileName = "file_name"
  }

  /// Of all pictures.
  public let quality: PanopticQuality
  /// Of the ground truth.
  public let categories: CategoryTable
  /// How pictures were put together.
  public let matching: Matching
  /// Names of pictures that the ground truth lists and has no map of: they are compared with nothing.
  public let withoutTruth: [String]

  /// Every picture of the ground truth against its prediction, on all processors. Categories are joined by their names;
  /// a file of predictions that lists none has the truth's ids, as in panopticapi.
  /// - Throws: ``EvaluationError`` or `COCOPanopticError`, naming the picture.
  public init(groundTruth: Side, predictions: Side) throws {
    let truth = try COCOPanoptic(readingJSON: groundTruth.json)
    guard !truth.annotations.isEmpty else { throw EvaluationError.noTruth(file: groundTruth.json.path) }
    if let twice = Dictionary(grouping: truth.annotations, by: \.image_id).first(where: { $1.count > 1 }) {
      throw EvaluationError.badTruth(
        image: twice.key.description, reason: "it has \(twice.value.count) annotations")
    }
    let predicted = try COCOPanopticPredictions(readingJSON: predictions.json)
    let categories = try COCOPanoptic.table(truth.categories, file: groundTruth.json)
    let translation = try Self.translation(of: predicted, file: predictions.json, to: categories)
    let (matching, predictionOf) = try Self.predictions(for: truth, in: predicted)
    let sizes = Dictionary(
      truth.images.map { ($0.id, $0.size) }, uniquingKeysWith: { first, _ in first })

    var quality = PanopticQuality()
    // A few at a time and added in order, so that the sums do not depend on who was first.
    for start in stride(from: 0, to: truth.annotations.count, by: 64) {
      let part = Array(truth.annotations[start..<min(start + 64, truth.annotations.count)])
      for result in try Self.concurrently(
        part,
        { annotation in
          guard var prediction = predictionOf[annotation.image_id] else {
            throw EvaluationError.noPrediction(image: annotation.image_id.description)
          }
          try translation.apply(&prediction)
          return try Self.compare(
            annotation, size: sizes[annotation.image_id] ?? nil, in: groundTruth.folder, prediction,
            in: predictions.folder, categories)
        })
      {
        quality += result
      }
    }
    self.quality = quality
    self.categories = categories
    self.matching = matching
    let annotated = Set(truth.annotations.map(\.image_id))
    withoutTruth = truth.images.filter { !annotated.contains($0.id) }.map(\.file_name)
  }

  /// From the ids of the predictions to those of the truth.
  private struct Translation: Sendable {
    let file: String
    /// nil where the ids are the truth's.
    let ids: [Int: Int]?
    /// By id, for messages.
    let names: [Int: String]

    /// - Throws: ``EvaluationError/unknownCategory(file:category:)``
    func apply(_ annotation: inout COCOPanoptic.Annotation) throws {
      for index in annotation.segments_info.indices {
        // Whatever is claimed, areas are those of the pixels.
        annotation.segments_info[index].area = nil
        guard let ids else { continue }
        let id = annotation.segments_info[index].category_id
        guard let known = ids[id] else {
          let name = names[id].map { "\"\($0)\"" } ?? "\(id)"
          throw EvaluationError.unknownCategory(file: file, category: name)
        }
        annotation.segments_info[index].category_id = known
      }
    }
  }

  private static func translation(
    of predicted: COCOPanopticPredictions, file: URL, to categories: CategoryTable
  ) throws -> Translation {
    guard let entries = predicted.categories, !entries.isEmpty else {
      return Translation(file: file.path, ids: nil, names: [:])
    }
    guard Set(entries.map(\.id)).count == entries.count else {
      throw COCOPanopticError.badCategories(file: file.path, reason: "two categories have one id")
    }
    return Translation(
      file: file.path,
      ids: Dictionary(
        entries.compactMap { category in categories.category(named: category.name).map { (category.id, $0.id) }
        },
        uniquingKeysWith: { first, _ in first }),
      names: Dictionary(entries.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first }))
  }

  /// For each image id of the ground truth the annotation of its prediction.
  private static func predictions(
    for truth: COCOPanoptic, in predicted: COCOPanopticPredictions
  ) throws -> (Matching, [COCOPanoptic.ImageID: COCOPanoptic.Annotation]) {
    let byID = Dictionary(
      predicted.annotations.map { ($0.image_id, $0) }, uniquingKeysWith: { _, last in last })
    func names(_ images: [COCOPanoptic.Image]) -> [COCOPanoptic.ImageID: String] {
      Dictionary(
        images.map { ($0.id, ($0.file_name as NSString).deletingPathExtension) },
        uniquingKeysWith: { first, _ in first })
    }
    func ids(_ names: [COCOPanoptic.ImageID: String]) -> [String: COCOPanoptic.ImageID] {
      Dictionary(names.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let (truthNames, predictedNames) = (names(truth.images), names(predicted.images))
    let (truthIDs, predictedIDs) = (ids(truthNames), ids(predictedNames))
    // An id that stands for one picture here and for another of the same truth there. Names that several pictures have
    // say nothing against ids that agree.
    let contradiction = predictedNames.first { id, name in
      truthNames[id] != name && truthIDs[name].map { $0 != id } ?? false
    }
    guard let contradiction else { return (.imageID, byID) }
    let byName = truth.annotations.compactMap { annotation in
      truthNames[annotation.image_id].flatMap { predictedIDs[$0] }.flatMap { byID[$0] }
        .map { (annotation.image_id, $0) }
    }
    guard byName.count == truth.annotations.count, predictedIDs.count == predictedNames.count,
      truthIDs.count == truthNames.count
    else {
      throw EvaluationError.otherPictures(
        image: contradiction.key.description, truth: truthNames[contradiction.key] ?? "none",
        prediction: contradiction.value)
    }
    return (.fileName, Dictionary(byName, uniquingKeysWith: { first, _ in first }))
  }

  /// - Parameter size: as the ground truth lists the picture
  private static func compare(
    _ truth: COCOPanoptic.Annotation, size: [Int]?, in truthFolder: URL,
    _ prediction: COCOPanoptic.Annotation, in predictionFolder: URL, _ categories: CategoryTable
  ) throws -> PanopticQuality {
    let truthMap = try PanopticMap(truth, in: truthFolder, categories: categories)
    if let size, size != [truthMap.width, truthMap.height] {
      throw EvaluationError.badTruth(
        image: truth.image_id.description,
        reason: "its map has \(truthMap.width)×\(truthMap.height) pixels, and the picture is listed with "
          + "\(size[0])×\(size[1])")
    }
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

/// Why two datasets, or an answer and its truth, cannot be compared.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  case noTruth(file: String)
  case noPrediction(image: String)
  case differentSizes(image: String, truth: [Int], prediction: [Int])
  /// The fault of the truth, and no answer's.
  case badTruth(image: String, reason: String)
  case unknownCategory(file: String, category: String)
  /// Neither ids nor names say which prediction is of which picture.
  case otherPictures(image: String, truth: String, prediction: String)

  public var description: String {
    switch self {
    case .noTruth(let file): "\(file) has no annotation to compare with"
    case .noPrediction(let image): "image \(image) has no prediction"
    case .differentSizes(let image, let truth, let prediction):
      "image \(image): the prediction has \(prediction[0])×\(prediction[1]) pixels, the ground truth "
        + "\(truth[0])×\(truth[1])"
    case .otherPictures(let image, let truth, let prediction):
      "image \(image) is \(truth) in the ground truth and \(prediction) in the predictions, and not every picture of "
        + "the ground truth has a prediction of its name"
    case .badTruth(let image, let reason): "image \(image): the truth does not fit its picture: \(reason)"
    case .unknownCategory(let file, let category):
      "\(file) has segments of the category \(category), which the ground truth does not know; categories are "
        + "joined by their names"
    }
  }
}
