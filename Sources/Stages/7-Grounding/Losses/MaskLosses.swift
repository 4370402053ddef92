import Foundation

/// What training asks of masks, as functions of logits and of truths that are 0 or 1: references that training code is
/// held against.
public enum MaskLosses {
  /// Binary cross-entropy of logits, the mean over the pixels.
  /// - Precondition: as many logits as truths, and at least one.
  public static func crossEntropy(_ logits: [Float], _ truth: [Float]) -> Double {
    precondition(logits.count == truth.count && !logits.isEmpty)
    return zip(logits, truth).reduce(0.0) { $0 + pixelCrossEntropy($1.0, $1.1) } / Double(logits.count)
  }

  /// Focal loss pixel by pixel (arXiv 1708.02002), the mean: a · (1 − p)^gamma · cross-entropy, where p is the
  /// probability of what is true, and a is `alpha` inside and 1 − `alpha` outside.
  /// - Precondition: as many logits as truths, and at least one.
  public static func focal(
    _ logits: [Float], _ truth: [Float], alpha: Double = 0.25, gamma: Double = 2
  ) -> Double {
    precondition(logits.count == truth.count && !logits.isEmpty)
    let sum = zip(logits, truth).reduce(0.0) { sum, pair in
      let truth = Double(pair.1)
      let inside = sigmoid(pair.0)
      let right = inside * truth + (1 - inside) * (1 - truth)
      let weight = alpha * truth + (1 - alpha) * (1 - truth)
      return sum + weight * pow(1 - right, gamma) * pixelCrossEntropy(pair.0, pair.1)
    }
    return sum / Double(logits.count)
  }

  /// NExT-Chat's way: the same formula once, on the mean cross-entropy of the whole mask, with `alpha` everywhere.
  /// - Precondition: as many logits as truths, and at least one.
  public static func focalOfMean(
    _ logits: [Float], _ truth: [Float], alpha: Double = 0.8, gamma: Double = 2
  ) -> Double {
    let entropy = crossEntropy(logits, truth)
    return alpha * pow(1 - exp(-entropy), gamma) * entropy
  }

  /// 1 − Dice of the probabilities, with 1 added above and below.
  /// - Precondition: as many logits as truths.
  public static func dice(_ logits: [Float], _ truth: [Float]) -> Double {
    precondition(logits.count == truth.count)
    var (shared, sum) = (0.0, 0.0)
    for (logit, truth) in zip(logits, truth) {
      let inside = sigmoid(logit)
      shared += inside * Double(truth)
      sum += inside + Double(truth)
    }
    return 1 - (2 * shared + 1) / (sum + 1)
  }

  /// The mean square of the differences between judged and true intersections over unions.
  /// - Precondition: as many of one as of the other, and at least one.
  public static func score(_ judged: [Float], _ actual: [Double]) -> Double {
    precondition(judged.count == actual.count && !judged.isEmpty)
    return zip(judged, actual).reduce(0.0) { $0 + pow(Double($1.0) - $1.1, 2) } / Double(judged.count)
  }

  private static func sigmoid(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }

  /// log(1 + e^x) − x · truth, without overflow.
  private static func pixelCrossEntropy(_ logit: Float, _ truth: Float) -> Double {
    let x = Double(logit)
    return max(x, 0) - x * Double(truth) + log1p(exp(-abs(x)))
  }
}
