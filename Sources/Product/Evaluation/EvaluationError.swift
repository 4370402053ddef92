/// Why two datasets cannot be compared.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  case noPrediction(image: String)
  case differentSizes(image: String, truth: [Int], prediction: [Int])

  public var description: String {
    switch self {
    case .noPrediction(let image): "image \(image) has no prediction"
    case .differentSizes(let image, let truth, let prediction):
      "image \(image): the prediction has \(prediction[0])×\(prediction[1]) pixels, the ground truth "
        + "\(truth[0])×\(truth[1])"
    }
  }
}
