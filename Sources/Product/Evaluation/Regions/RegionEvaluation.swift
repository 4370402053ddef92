/// Something that is fed answers to ``RegionSample``s, one at a time, and keeps the score. Its figures are fractions.
public protocol RegionEvaluation: Encodable {
  init()

  mutating func add(_ sample: RegionSample, _ answer: RegionAnswer)

  /// Figures in percent, for a terminal.
  var table: String { get }
}
