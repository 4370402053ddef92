/// Why two datasets, or an answer and its truth, cannot be compared.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  case noPrediction(image: String)
  case differentSizes(image: String, truth: [Int], prediction: [Int])
  /// The fault of the truth, and no answer's.
  case badTruth(image: String, reason: String)
  case unknownCategory(file: String, category: String)

  public var description: String {
    switch self {
    case .noPrediction(let image): "image \(image) has no prediction"
    case .differentSizes(let image, let truth, let prediction):
      "image \(image): the prediction has \(prediction[0])×\(prediction[1]) pixels, the ground truth "
        + "\(truth[0])×\(truth[1])"
    case .badTruth(let image, let reason): "image \(image): the truth does not fit its picture: \(reason)"
    case .unknownCategory(let file, let category):
      "\(file) has segments of the category \(category), which the ground truth does not know; categories are "
        + "joined by their names"
    }
  }
}
